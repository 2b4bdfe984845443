import { parseArgs } from 'node:util';
import { UsageError } from '../../src/cli/exit-codes.ts';
import { oneOf, optional, wholeNumber } from '../../src/cli/values.ts';

/** The values of options, each of which takes one. */
export interface Given<Name extends string> {
  text(name: Name): string | null;
  /** @throws {UsageError} */
  count(name: Name, otherwise: number): number;
  /** @throws {UsageError} */
  oneOf<T extends string>(name: Name, allowed: readonly T[]): T | null;
}

/** @throws {UsageError} */
export function givenIn<Name extends string>(
  args: readonly string[],
  names: readonly Name[],
): Given<Name> {
  const values = valuesIn(args, names);
  return {
    text: (name) => values[name] ?? null,
    count(name, otherwise) {
      return optional(values[name], (text) => wholeNumber(`--${name}`, text, 0)) ?? otherwise;
    },
    oneOf: (name, allowed) => optional(values[name], (text) => oneOf(`--${name}`, text, allowed)),
  };
}

function valuesIn(args: readonly string[], names: readonly string[]) {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
