import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { SinkConnection } from '../../../src/core/sink/sink.ts';
import { clickhouse } from '../../../src/sinks/clickhouse.ts';
import { type ClickhouseEngine, startClickhouse } from '../support/clickhouse-engine.ts';
import { batchOf, deliveryPlace } from './delivery-place.ts';

let engine: ClickhouseEngine;
let connection: SinkConnection;
let tables = 0;
let table: string;
const { signal } = new AbortController();

const sinkOf = (more: { readonly partitionBy?: string } = {}) =>
  clickhouse({
    name: 'views',
    url: engine.url,
    table,
    columns: { page: 'String', views: 'UInt32' },
    createTable: { orderBy: ['page'], ...more },
  });

const row = (page: string, views: number): string => JSON.stringify({ page, views });
const count = async (): Promise<number> =>
  Number((await engine.query(`SELECT count() FROM ${table}`))[0]);

beforeAll(async () => {
  engine = await startClickhouse();
});
afterAll(() => engine.stop());

beforeEach(async () => {
  table = `views_${++tables}`;
  connection = sinkOf().connect(deliveryPlace());
  await connection.open(signal);
  return () => connection.close();
});

it('keeps the rows of a token once, however often it is sent', async () => {
  const rows = [row('/a', 1), row('/b', 2)];
  for (let attempt = 0; attempt < 3; attempt++) await connection.apply(batchOf('t1', rows));
  expect(await engine.query(`SELECT page, views FROM ${table} ORDER BY page`)).toEqual([
    '/a\t1',
    '/b\t2',
  ]);
});

it('keeps the same rows under another token', async () => {
  await connection.apply(batchOf('t1', [row('/a', 1)]));
  await connection.apply(batchOf('t2', [row('/a', 1)]));
  expect(await count()).toBe(2);
});
