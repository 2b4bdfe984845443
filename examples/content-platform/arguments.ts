import { parseArgs } from 'node:util';
import { UsageError } from '../view-counts/arguments.ts';

export interface Settings {
  /** Null: endless. */
  readonly events: number | null;
  /** Of databases that get the results. */
  readonly sinks: readonly string[];
  readonly port: number;
  /** Whether the next free port will do. */
  readonly takesNextPort: boolean;
  readonly directory: string;
  readonly fresh: boolean;
  readonly seed: number;
  /** Events a second at most; null: as fast as they are taken. */
  readonly rate: number | null;
  readonly workers: number;
}

export const usage = `A content platform on an embedded log: generated events of a site become sessions, views of posts
and active users, in the terminal, on a page of their own and in a database if one is named.

npm start -- [options]

  --events N     so many generated events in all, then a summary and the end (default: endless)
  --port N       of the page on 127.0.0.1; 0: one that is free (default 8400, or the next free one)
  --sink URL     also into clickhouse://USER:PASSWORD@HOST:PORT/DATABASE or postgres://...
  --dir DIR      keeps log and state; a later start goes on there (default .millrace/content-platform)
  --fresh        empty the directory first
  --seed N       seed of the generator (default 1)
  --rate N       events a second at most (default: 2000 if endless, else no limit)
  --workers N    workers that share the partitions (default 1)
  --help         this text

With --input, --json, --records, --exit, --window, --grace or --brokers it is another program:
`;

/** What only the counting of page views knows. */
const ofViewCounts = ['input', 'json', 'records', 'exit', 'window', 'grace', 'brokers'];

/** Whether the arguments are for the counting of page views. */
export function areForViewCounts(args: readonly string[]): boolean {
  return args.some((argument) => {
    const name = /^--([a-z]+)(?:=|$)/.exec(argument)?.[1];
    return name !== undefined && ofViewCounts.includes(name);
  });
}

const defaultPort = 8400;
const maxPort = 65_535;

/** Null: help was asked for. @throws {UsageError} */
export function parseSettings(args: readonly string[]): Settings | null {
  const values = parseValues(args);
  if (values.help === true) return null;
  const events = wholeNumber('--events', values.events, 1);
  const port = wholeNumber('--port', values.port, 0);
  if (port !== null && port > maxPort) throw new UsageError(`--port ${port}: there are 65,535.`);
  const rate = wholeNumber('--rate', values.rate, 1);
  return {
    events,
    sinks: values.sink ?? [],
    port: port ?? defaultPort,
    takesNextPort: port === null,
    directory: values.dir ?? '.millrace/content-platform',
    fresh: values.fresh ?? false,
    seed: wholeNumber('--seed', values.seed, 0) ?? 1,
    rate: rate ?? (events === null ? 2000 : null),
    workers: wholeNumber('--workers', values.workers, 1) ?? 1,
  };
}

function parseValues(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      strict: true,
      options: {
        events: { type: 'string' },
        port: { type: 'string' },
        sink: { type: 'string', multiple: true },
        dir: { type: 'string' },
        fresh: { type: 'boolean' },
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

function wholeNumber(name: string, text: string | undefined, min: number): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= min) return value;
  throw new UsageError(`${name} ${text}: give a whole number of at least ${min}.`);
}
