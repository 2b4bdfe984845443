import { options as viewCountsOptions } from '../view-counts/arguments.ts';
import {
  programOptions,
  type ProgramSettings,
  programSettings,
  UsageError,
  valuesIn,
  wholeNumber,
} from '../program/arguments.ts';

export interface Settings extends ProgramSettings {
  /** Null: endless. */
  readonly events: number | null;
  /** Of databases that get the results. */
  readonly sinks: readonly string[];
  readonly port: number;
  /** Whether the next free port will do. */
  readonly takesNextPort: boolean;
}

export const usage = `A content platform on an embedded log: generated events of a site become sessions, views of posts
and active users, in the terminal, on a page of their own and in a database if one is named.

npm start -- [options]

  --events N     so many generated events in all, then a summary and the end (default: endless)
  --port N       of the page on 127.0.0.1; 0: one that is free (default 8400, or the next free one)
  --sink URL     also into clickhouse://USER:PASSWORD@HOST:PORT/DATABASE or postgres://...
  --dir DIR      keeps log and state, which grow; a later start goes on there
                 (default .millrace/content-platform)
  --fresh        empty the directory first
  --seed N       seed of the generator (default 1)
  --rate N       events a second at most (default: 2000 if endless, else no limit)
  --workers N    workers that share the partitions (default 1)
  --help         this text

With --input, --json, --records, --exit, --window, --grace or --brokers it is another program:
`;

const options = {
  ...programOptions,
  events: { type: 'string' },
  port: { type: 'string' },
  sink: { type: 'string', multiple: true },
} as const;

/** Whether the arguments are for the counting of page views. */
export function areForViewCounts(args: readonly string[]): boolean {
  return args.some((argument) => {
    const name = /^--([a-z]+)(?:=|$)/.exec(argument)?.[1];
    return (
      name !== undefined && Object.hasOwn(viewCountsOptions, name) && !Object.hasOwn(options, name)
    );
  });
}

const defaultPort = 8400;
const maxPort = 65_535;

/** Null: help was asked for. @throws {UsageError} */
export function parseSettings(args: readonly string[]): Settings | null {
  const values = valuesIn(args, options);
  if (values.help === true) return null;
  const events = wholeNumber('--events', values.events, 1);
  const port = wholeNumber('--port', values.port, 0);
  if (port !== null && port > maxPort) throw new UsageError(`--port ${port}: there are 65,535.`);
  return {
    ...programSettings(values, {
      directory: '.millrace/content-platform',
      isEndless: events === null,
      minWorkers: 1,
    }),
    events,
    sinks: values.sink ?? [],
    port: port ?? defaultPort,
    takesNextPort: port === null,
  };
}
