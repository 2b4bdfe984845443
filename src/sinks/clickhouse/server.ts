import { Readable, addAbortSignal } from 'node:stream';
import type { ClickHouseClient } from '@clickhouse/client';
import { SinkError } from '../../core/model/errors.ts';
import type { SettingValues } from './insert-settings.ts';
import { sinkErrorOf } from './sink-errors.ts';

export interface ServerOptions {
  readonly sink: string;
  /** Without user name and password. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly attemptTimeoutMs: number;
  readonly compress: boolean;
}

export interface ServerQuery {
  readonly query: string;
  /** Values of `{name: Type}` in the query. */
  readonly params?: Readonly<Record<string, unknown>>;
  readonly settings?: SettingValues;
  readonly signal: AbortSignal;
}

/** What a sink asks of ClickHouse. All that is thrown is a `SinkError`. */
export interface Server {
  rowsOf<Row>(query: ServerQuery): Promise<readonly Row[]>;
  run(query: ServerQuery): Promise<void>;
  /** Resolves once the server says that the bytes behind the query are inserted. */
  insert(query: ServerQuery, body: Buffer): Promise<void>;
  close(): Promise<void>;
}

/** The signal of an attempt ends it; a connection that is silent for so long after is given up. */
const silenceMs = 5_000;

/** Connects with the first query. */
export function clickhouseServer(options: ServerOptions): Server {
  let opening: Promise<ClickHouseClient> | undefined;
  const ask = async <T>(
    signal: AbortSignal,
    question: (client: ClickHouseClient) => Promise<T>,
  ): Promise<T> => {
    try {
      signal.throwIfAborted();
      return await question(await (opening ??= openClient(options)));
    } catch (error) {
      throw sinkErrorOf(error, options);
    }
  };
  return {
    rowsOf: <Row>({ query, params = {}, settings = {}, signal }: ServerQuery) =>
      ask(signal, async (client) => {
        const result = await client.query({
          query,
          format: 'JSONEachRow',
          query_params: { ...params },
          clickhouse_settings: { ...settings },
          abort_signal: signal,
        });
        return result.json<Row>();
      }),
    run: ({ query, settings = {}, signal }) =>
      ask(signal, async (client) => {
        const clickhouse_settings = { ...settings, wait_end_of_query: 1 } as const;
        await client.command({ query, clickhouse_settings, abort_signal: signal });
      }),
    insert: ({ query, settings = {}, signal }, body) =>
      ask(signal, async (client) => {
        const { stream } = await client.exec({
          query,
          values: Readable.from(body, { objectMode: false }),
          // The answer, and its status, come when all of it is done.
          clickhouse_settings: { ...settings, wait_end_of_query: 1 },
          abort_signal: signal,
        });
        await drained(stream, signal);
      }),
    async close() {
      const client = await opening?.catch(() => undefined);
      await client?.close();
    },
  };
}

async function openClient(options: ServerOptions): Promise<ClickHouseClient> {
  const { url, username, password, attemptTimeoutMs, compress } = options;
  const { createClient, ClickHouseLogLevel } = await loadPackage(options.sink);
  return createClient({
    url,
    username,
    password,
    application: 'millrace',
    request_timeout: attemptTimeoutMs + silenceMs,
    compression: { request: compress, response: false },
    // What goes wrong is thrown; its own log would hold settings and addresses.
    log: { level: ClickHouseLogLevel.OFF },
  });
}

async function loadPackage(sink: string) {
  try {
    return await import('@clickhouse/client');
  } catch (cause) {
    const remedy = 'npm install @clickhouse/client';
    const message = `The sink '${sink}' needs the package '@clickhouse/client': ${remedy}.`;
    throw new SinkError('fatal', 'PACKAGE_MISSING', message, { cause });
  }
}

async function drained(stream: Readable, signal: AbortSignal): Promise<void> {
  for await (const _chunk of addAbortSignal(signal, stream)) continue;
}
