import { clickhouse } from '../../../src/sinks/clickhouse.ts';
import { postgres } from '../../../src/sinks/postgres.ts';
import type { Sink } from '../../../src/index.ts';
import { startClickhouse } from './clickhouse-engine.ts';
import { type NumberedRow, sinkName, type SinkSettings, tableName } from './numbered-rows.ts';
import { PostgresServer, query } from './postgres-server.ts';

export type DatabaseKind = 'clickhouse' | 'postgres';

/** A real database that numbered rows are delivered to. */
export interface TestedDatabase {
  readonly kind: DatabaseKind;
  readonly port: number;
  /** Texts of the requests of a batch, in their order. */
  readonly steps: readonly string[];
  lines(): Promise<readonly string[]>;
  /** As if the machine had lost its power. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Keeps everything as it is now, and answers with what brings it back. */
  backUp(): Promise<() => Promise<void>>;
  /** An empty table for the next application. */
  clear(): Promise<void>;
  stop(): Promise<void>;
}

/** The sink of a database of that kind that listens on `port`. */
export function sinkOf(
  kind: DatabaseKind,
  { port, batches, attemptTimeoutMs }: SinkSettings,
): Sink<NumberedRow> {
  const common = { name: sinkName, table: tableName, batches, attemptTimeout: attemptTimeoutMs };
  if (kind === 'postgres') {
    const connection = `postgres://test@127.0.0.1:${port}/postgres`;
    const columns = { id: 'bigint', word: 'text' } as const;
    return postgres({ ...common, connection, columns, createTable: true });
  }
  const columns = { id: 'UInt64', word: 'String' } as const;
  const createTable = { orderBy: ['id'] } as const;
  return clickhouse({ ...common, url: `http://127.0.0.1:${port}`, columns, createTable });
}

export function startDatabase(kind: DatabaseKind): Promise<TestedDatabase> {
  return kind === 'postgres' ? startPostgres() : startChdb();
}

async function startChdb(): Promise<TestedDatabase> {
  const engine = await startClickhouse();
  let backups = 0;
  return {
    kind: 'clickhouse',
    port: Number(new URL(engine.url).port),
    steps: ['insert_deduplication_token'],
    lines: () => engine.query(`SELECT concat(toString(id), ' ', word) FROM ${tableName}`),
    kill: () => engine.kill(),
    restart: () => engine.restart(),
    async backUp() {
      const copy = `${tableName}_backup_${++backups}`;
      await engine.query(`CREATE TABLE ${copy} ENGINE = MergeTree ORDER BY id
        AS SELECT * FROM ${tableName}`);
      return async () => {
        await engine.query(`DELETE FROM ${tableName} WHERE id NOT IN (SELECT id FROM ${copy})`);
      };
    },
    async clear() {
      await engine.query(`DROP TABLE IF EXISTS ${tableName}`);
    },
    stop: () => engine.stop(),
  };
}

async function startPostgres(): Promise<TestedDatabase> {
  const server = await PostgresServer.start();
  const tables = [tableName, 'millrace_progress'];
  let backups = 0;
  return {
    kind: 'postgres',
    port: server.port,
    steps: ['BEGIN', 'FOR UPDATE', 'json_to_recordset', 'SET epoch = $4', '; COMMIT'],
    async lines() {
      const text = `SELECT id || ' ' || word AS line FROM ${tableName}`;
      const rows = await query<{ line: string }>(server.url(), text);
      return rows.map(({ line }) => line);
    },
    kill: () => server.kill(),
    restart: () => server.restart(),
    async backUp() {
      const suffix = `backup_${++backups}`;
      for (const table of tables) {
        await server.run(`CREATE TABLE ${table}_${suffix} AS TABLE ${table}`);
      }
      return async () => {
        const texts = tables.map(
          (table) => `DELETE FROM ${table}; INSERT INTO ${table} TABLE ${table}_${suffix}`,
        );
        await server.run(`BEGIN; ${texts.join('; ')}; COMMIT`);
      };
    },
    async clear() {
      for (const table of tables) await server.run(`DROP TABLE IF EXISTS ${table}`);
    },
    stop: () => server.stop(),
  };
}
