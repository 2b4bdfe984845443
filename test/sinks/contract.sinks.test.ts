import { afterAll, beforeAll, describe, it } from 'vitest';
import { clickhouse } from '../../src/sinks/clickhouse.ts';
import { postgres } from '../../src/sinks/postgres.ts';
import { sinkContract, type SinkSubject } from '../../src/testing.ts';
import { type ClickhouseEngine, startClickhouse } from './support/clickhouse-engine.ts';
import { hasPostgres } from './support/on-postgres.ts';
import { PostgresServer, query } from './support/postgres-server.ts';

interface Numbered {
  readonly n: number;
}

describe('ClickHouse keeps the laws of sinks', () => {
  let engine: ClickhouseEngine;
  let tables = 0;
  beforeAll(async () => {
    engine = await startClickhouse();
  });
  afterAll(() => engine.stop());

  const create = (): Promise<SinkSubject<Numbered>> => {
    const table = `numbers_${++tables}`;
    const sink = clickhouse({
      name: 'numbers',
      url: engine.url,
      table,
      columns: { n: 'UInt32' },
      createTable: { orderBy: ['n'] },
    });
    const stored = async () => (await engine.query(`SELECT n FROM ${table}`)).map(Number);
    return Promise.resolve({ sink, row: (n) => ({ n }), stored, close: () => Promise.resolve() });
  };

  it.each(sinkContract(create))('$name', (law) => law.run());
});

describe.runIf(hasPostgres)('PostgreSQL keeps the laws of sinks', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server.stop());

  const createWith = (key: 'n' | null) => async (): Promise<SinkSubject<Numbered>> => {
    const url = await server.createDatabase();
    const sink = postgres({
      name: 'numbers',
      connection: url,
      table: 'numbers',
      columns: { n: 'integer' },
      createTable: true,
      ...(key === null ? {} : { key: [key] }),
    });
    const stored = async () =>
      (await query<Numbered>(url, 'SELECT n FROM numbers')).map(({ n }) => n);
    const isUpsert = key !== null;
    return { sink, isUpsert, row: (n) => ({ n }), stored, close: () => Promise.resolve() };
  };

  it.each(sinkContract(createWith(null)))('$name', (law) => law.run());
  it.each(sinkContract(createWith('n')))('upserting: $name', (law) => law.run());
});
