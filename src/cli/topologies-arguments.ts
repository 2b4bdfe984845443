import type { OutputSettings } from './arguments.ts';
import { UsageError } from './exit-codes.ts';
import type { Values } from './options.ts';
import { checkReadyMade, readyMadePrefix } from './ready-made-name.ts';
import { outputSettings } from './upkeep-arguments.ts';

/** What `millrace topologies` was told, checked. */
export interface TopologiesSettings {
  /** Null: all of them. */
  readonly name: string | null;
  readonly isJson: boolean;
  readonly output: OutputSettings;
}

/** @throws {UsageError} */
export function topologiesSettings(
  [given, ...rest]: readonly string[],
  values: Values,
): TopologiesSettings {
  if (rest.length > 0) {
    throw new UsageError(`One topology at a time, and '${rest.join(' ')}' is left over.`);
  }
  const name = given === undefined ? null : bareName(given);
  return { name, isJson: values.json === true, output: outputSettings(values) };
}

/** As `run` takes it, or without the prefix. */
function bareName(given: string): string {
  const name = given.startsWith(readyMadePrefix) ? given.slice(readyMadePrefix.length) : given;
  checkReadyMade(readyMadePrefix + name);
  return name;
}
