import { parseArgs } from 'node:util';
import { type Duration, durationMs } from '../../src/index.ts';

export interface Settings {
  /** Of a Kafka cluster; null: an embedded log. */
  readonly brokers: readonly string[] | null;
  /** Null: endless. */
  readonly records: number | null;
  /** A file of log lines or JSON lines; null: the generator. */
  readonly input: string | null;
  readonly exit: boolean;
  readonly json: string | null;
  readonly directory: string;
  readonly fresh: boolean;
  readonly windowMs: number;
  readonly graceMs: number;
  readonly seed: number;
  /** Rows a second at most; null: as fast as they are taken. */
  readonly rate: number | null;
  /** 0: others count, and this program only feeds and watches. */
  readonly workers: number;
}

export const usage = `Counts page views per minute on an embedded log, or on Kafka.

npm start -- [options]

  --records N    so many generated page views in all, then stop feeding (default: endless)
  --input FILE   read Apache/NGINX "combined" log lines or JSON lines instead
  --exit         stop at the end of the input
  --json FILE    write every window as a JSON line at the end
  --dir DIR      keeps log and state; a later start goes on there (default .millrace/view-counts)
  --fresh        empty the directory first
  --window D     window size (default 1m)
  --grace D      how late a view may be (default 1m)
  --seed N       seed of the generator (default 1)
  --rate N       rows a second at most (default: 2000 if endless, else no limit)
  --workers N    workers that share the partitions (default 1)
  --brokers LIST on the Kafka cluster of these brokers (HOST:PORT,...); with --workers 0 it only
                 feeds and watches, and "millrace run" counts
  --help         this text
`;

/** Arguments that cannot be understood; the message is for the user. */
export class UsageError extends Error {}

/** Null: help was asked for. @throws {UsageError} */
export function parseSettings(args: readonly string[]): Settings | null {
  const values = parseValues(args);
  if (values.help === true) return null;
  const records = optional(values.records, (text) => wholeNumber('--records', text, 0));
  if (values.input !== undefined && records !== null) {
    throw new UsageError('--records is for the generator: give it or --input, not both.');
  }
  const rate = optional(values.rate, (text) => wholeNumber('--rate', text, 1));
  const isEndless = values.input === undefined && records === null;
  if (isEndless && values.exit === true) {
    throw new UsageError('--exit needs an end of the input: give --records N or --input FILE.');
  }
  const brokers = values.brokers?.split(',').map((broker) => broker.trim()) ?? null;
  if (brokers !== null && values.fresh === true) {
    throw new UsageError('--fresh empties a directory; topics of a cluster are left alone.');
  }
  return {
    brokers,
    records,
    input: values.input ?? null,
    exit: values.exit ?? false,
    json: values.json ?? null,
    directory: values.dir ?? '.millrace/view-counts',
    fresh: values.fresh ?? false,
    windowMs: positiveDuration('--window', values.window ?? '1m'),
    graceMs: duration('--grace', values.grace ?? '1m'),
    seed: wholeNumber('--seed', values.seed ?? '1', 0),
    rate: rate ?? (isEndless ? 2000 : null),
    workers: wholeNumber('--workers', values.workers ?? '1', brokers === null ? 1 : 0),
  };
}

function parseValues(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      strict: true,
      options: {
        brokers: { type: 'string' },
        records: { type: 'string' },
        input: { type: 'string' },
        exit: { type: 'boolean' },
        json: { type: 'string' },
        dir: { type: 'string' },
        fresh: { type: 'boolean' },
        window: { type: 'string' },
        grace: { type: 'string' },
        seed: { type: 'string' },
        rate: { type: 'string' },
        workers: { type: 'string' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function optional<T>(text: string | undefined, read: (text: string) => T): T | null {
  return text === undefined ? null : read(text);
}

function wholeNumber(name: string, text: string, min: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= min) return value;
  throw new UsageError(`${name} ${text}: give a whole number of at least ${min}.`);
}

function positiveDuration(name: string, text: string): number {
  const ms = duration(name, text);
  if (ms > 0) return ms;
  throw new UsageError(`${name} ${text}: must be above 0.`);
}

/** Bare digits are milliseconds. */
function duration(name: string, text: string): number {
  try {
    return durationMs(/^\d+$/.test(text) ? Number(text) : (text as Duration)); // checked there
  } catch (cause) {
    throw new UsageError(`${name} ${text}: write a duration such as 1m, 30s or 500ms.`, { cause });
  }
}
