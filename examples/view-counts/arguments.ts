import {
  durationMs,
  programOptions,
  type ProgramSettings,
  programSettings,
  UsageError,
  valuesIn,
  wholeNumber,
} from '../program/arguments.ts';

/** With 0 workers others count, and this program only feeds and watches. */
export interface Settings extends ProgramSettings {
  /** Of a Kafka cluster; null: an embedded log. */
  readonly brokers: readonly string[] | null;
  /** Null: endless. */
  readonly records: number | null;
  /** A file of log lines or JSON lines; null: the generator. */
  readonly input: string | null;
  readonly exit: boolean;
  readonly json: string | null;
  readonly windowMs: number;
  readonly graceMs: number;
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

export const options = {
  ...programOptions,
  brokers: { type: 'string' },
  records: { type: 'string' },
  input: { type: 'string' },
  exit: { type: 'boolean' },
  json: { type: 'string' },
  window: { type: 'string' },
  grace: { type: 'string' },
} as const;

/** Null: help was asked for. @throws {UsageError} */
export function parseSettings(args: readonly string[]): Settings | null {
  const values = valuesIn(args, options);
  if (values.help === true) return null;
  const records = wholeNumber('--records', values.records, 0);
  if (values.input !== undefined && records !== null) {
    throw new UsageError('--records is for the generator: give it or --input, not both.');
  }
  const isEndless = values.input === undefined && records === null;
  if (isEndless && values.exit === true) {
    throw new UsageError('--exit needs an end of the input: give --records N or --input FILE.');
  }
  const brokers = values.brokers?.split(',').map((broker) => broker.trim()) ?? null;
  if (brokers !== null && values.fresh === true) {
    throw new UsageError('--fresh empties a directory; topics of a cluster are left alone.');
  }
  return {
    ...programSettings(values, {
      directory: '.millrace/view-counts',
      isEndless,
      minWorkers: brokers === null ? 1 : 0,
    }),
    brokers,
    records,
    input: values.input ?? null,
    exit: values.exit ?? false,
    json: values.json ?? null,
    windowMs: durationMs('--window', values.window ?? '1m', 1),
    graceMs: durationMs('--grace', values.grace ?? '1m', 0),
  };
}
