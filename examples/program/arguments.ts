import { parseArgs, type ParseArgsConfig } from 'node:util';
import { type Duration, durationMs as msOf } from '../../src/index.ts';

/** Arguments that cannot be understood; the message is for the user. */
export class UsageError extends Error {}

/** What every program here takes. */
export interface ProgramSettings {
  /** Keeps log and state. */
  readonly directory: string;
  readonly fresh: boolean;
  readonly seed: number;
  /** Rows a second at most; null: as fast as they are taken. */
  readonly rate: number | null;
  readonly workers: number;
}

export const programOptions = {
  dir: { type: 'string' },
  fresh: { type: 'boolean' },
  seed: { type: 'string' },
  rate: { type: 'string' },
  workers: { type: 'string' },
  help: { type: 'boolean' },
} as const;

export interface Defaults {
  readonly directory: string;
  readonly isEndless: boolean;
  readonly minWorkers: number;
}

/** Rows a second where there is no end to them and nothing else is asked for. */
const endlessRate = 2_000;

/** @throws {UsageError} */
export function programSettings(
  values: ValuesOf<typeof programOptions>,
  { directory, isEndless, minWorkers }: Defaults,
): ProgramSettings {
  return {
    directory: values.dir ?? directory,
    fresh: values.fresh ?? false,
    seed: wholeNumber('--seed', values.seed, 0) ?? 1,
    rate: wholeNumber('--rate', values.rate, 1) ?? (isEndless ? endlessRate : null),
    workers: wholeNumber('--workers', values.workers, minWorkers) ?? 1,
  };
}

type OptionsConfig = NonNullable<ParseArgsConfig['options']>;

type ValuesOf<Options extends OptionsConfig> = ReturnType<
  typeof parseArgs<{ options: Options }>
>['values'];

/** @throws {UsageError} for what is not among the options. */
export function valuesIn<const Options extends OptionsConfig>(
  args: readonly string[],
  options: Options,
): ValuesOf<Options> {
  try {
    return parseArgs({ args: [...args], strict: true, options }).values;
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** Null where it is not given. @throws {UsageError} */
export function wholeNumber(name: string, text: string | undefined, min: number): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= min) return value;
  throw new UsageError(`${name} ${text}: give a whole number of at least ${min}.`);
}

/** Bare digits are milliseconds. @throws {UsageError} */
export function durationMs(name: string, text: string, min: number): number {
  const ms = parsedMs(name, text);
  if (ms >= min) return ms;
  throw new UsageError(`${name} ${text}: must be above 0.`);
}

function parsedMs(name: string, text: string): number {
  try {
    return msOf(/^\d+$/.test(text) ? Number(text) : (text as Duration)); // checked there
  } catch (cause) {
    throw new UsageError(`${name} ${text}: write a duration such as 1m, 30s or 500ms.`, { cause });
  }
}
