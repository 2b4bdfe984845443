import { Readable } from 'node:stream';
import { createClient } from '@clickhouse/client';
import pg from 'pg';
import { startClickhouse } from '../../test/sinks/support/clickhouse-engine.ts';
import { PostgresServer } from '../../test/sinks/support/postgres-server.ts';
import { type BenchKind, table } from './bench-rows.ts';

/** Inserts rows as they are, and nothing else. */
export interface BareClient {
  insert(rows: readonly Uint8Array[]): Promise<void>;
  close(): Promise<void>;
}

/** A database of this machine, with a table that the sink has made. */
export interface BenchDatabase {
  readonly url: string;
  bareClient(): Promise<BareClient>;
  count(): Promise<number>;
  clear(): Promise<void>;
  stop(): Promise<void>;
}

export function startBenchDatabase(kind: BenchKind): Promise<BenchDatabase> {
  return kind === 'clickhouse' ? startChdb() : startPostgres();
}

async function startChdb(): Promise<BenchDatabase> {
  const engine = await startClickhouse();
  // The same rows come in each round: they are not to be known by their content.
  const unknown = { insert_deduplicate: 0, deduplicate_insert: 'disable' } as const;
  return {
    url: engine.url,
    async bareClient() {
      const client = createClient({ url: engine.url });
      const newLine = Buffer.from('\n');
      return {
        async insert(rows) {
          const { stream } = await client.exec({
            query: `INSERT INTO ${table} FORMAT JSONEachRow`,
            values: Readable.from(Buffer.concat(rows.flatMap((row) => [row, newLine])), {
              objectMode: false,
            }),
            clickhouse_settings: { ...unknown, async_insert: 0, wait_end_of_query: 1 },
          });
          for await (const _chunk of stream) continue;
        },
        close: () => client.close(),
      };
    },
    count: async () => Number((await engine.query(`SELECT count() FROM ${table}`))[0]),
    async clear() {
      await engine.query(`TRUNCATE TABLE IF EXISTS ${table}`);
    },
    stop: () => engine.stop(),
  };
}

const postgresInsert = `INSERT INTO ${table} (id, page, visitor, country, duration, views, at)
SELECT id, page, visitor, country, duration, views, to_timestamp(at / 1000)
FROM json_to_recordset($1::json) AS r (id bigint, page text, visitor text, country text,
  duration double precision, views integer, at double precision)`;

async function startPostgres(): Promise<BenchDatabase> {
  const server = await PostgresServer.start();
  const url = server.url();
  return {
    url,
    async bareClient() {
      const client = new pg.Client(url);
      await client.connect();
      const [open, comma, close] = [Buffer.from('['), Buffer.from(','), Buffer.from(']')];
      return {
        async insert(rows) {
          const parts = rows.flatMap((row, index) => [index === 0 ? open : comma, row]);
          await client.query(postgresInsert, [Buffer.concat([...parts, close])]);
        },
        close: () => client.end(),
      };
    },
    async count() {
      const client = new pg.Client(url);
      await client.connect();
      const { rows } = await client.query<{ count: string }>(`SELECT count(*) FROM ${table}`);
      await client.end();
      return Number(rows[0]?.count);
    },
    async clear() {
      await server.run(`DO $$BEGIN TRUNCATE ${table};
        EXCEPTION WHEN undefined_table THEN END$$`);
      await server.run('CHECKPOINT');
    },
    stop: () => server.stop(),
  };
}
