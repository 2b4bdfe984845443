import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { SinkConnection } from '../../../src/core/sink/sink.ts';
import { clickhouse } from '../../../src/sinks/clickhouse.ts';
import { type ClickhouseEngine, startClickhouse } from '../support/clickhouse-engine.ts';
import { batchOf, deliveryPlace } from '../support/delivery-place.ts';

let engine: ClickhouseEngine;
let connection: SinkConnection;
let tables = 0;
let table: string;
const { signal } = new AbortController();

async function connected(more: { readonly partitionBy?: string } = {}): Promise<SinkConnection> {
  const sink = clickhouse({
    name: 'views',
    url: engine.url,
    table,
    columns: { page: 'String', views: 'UInt32' },
    createTable: { orderBy: ['page'], ...more },
  });
  const opened = sink.connect(deliveryPlace());
  await opened.open(signal);
  return opened;
}

const row = (page: string, views: number): string => JSON.stringify({ page, views });
const rowsBelow = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, views) => row('/a', views));
const unknown = { outcome: 'unknown', code: 'SINK_UNAVAILABLE' };

async function number(sql: string): Promise<number> {
  return Number((await engine.query(sql))[0]);
}
const count = (): Promise<number> => number(`SELECT count() FROM ${table}`);
const insertsSent = async (): Promise<number> => (await engine.inserts()).length;

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

beforeAll(async () => {
  engine = await startClickhouse();
});
afterAll(() => engine.stop());

beforeEach(async () => {
  table = `views_${++tables}`;
  connection = await connected();
  return () => connection.close();
});

it('the rows of a token are there once, however often it is sent', async () => {
  const rows = [row('/a', 1), row('/b', 2)];
  for (let attempt = 0; attempt < 3; attempt++) await connection.apply(batchOf('t1', rows));
  expect(await engine.query(`SELECT page, views FROM ${table} ORDER BY page`)).toEqual([
    '/a\t1',
    '/b\t2',
  ]);
});

it('the same rows are kept under another token, and within one', async () => {
  await connection.apply(batchOf('t1', [row('/a', 1), row('/a', 1)]));
  await connection.apply(batchOf('t2', [row('/a', 1)]));
  expect(await count()).toBe(3);
});

it('without the token the same rows would be dropped, or sent twice be there twice', async () => {
  const settings = 'SETTINGS async_insert = 0, insert_deduplicate = 0, deduplicate_insert = ';
  const insert = (mode: string) =>
    engine.query(`INSERT INTO ${table} ${settings} '${mode}' VALUES ('/a', 1)`);
  await insert('disable');
  await insert('disable');
  expect(await count()).toBe(2);
});

it('a batch without rows asks nothing', async () => {
  const before = await insertsSent();
  await expect(connection.apply(batchOf('t1', []))).resolves.toBe('applied');
  expect(await insertsSent()).toBe(before);
});

it('a token is remembered after the engine was killed', async () => {
  await connection.apply(batchOf('t1', [row('/a', 1)]));
  await engine.restart();
  await connection.open(signal);
  await connection.apply(batchOf('t1', [row('/a', 1)]));
  expect(await count()).toBe(1);
});

it.each(['drop-before', 'commit-then-drop', 'die-before', 'commit-then-die'] as const)(
  'an attempt that ends with %s leaves it open, and the next settles it',
  async (kind) => {
    await engine.inject({ kind });
    await expect(connection.apply(batchOf('t1', [row('/a', 1)]))).rejects.toMatchObject(unknown);
    if (kind.endsWith('die-before') || kind.endsWith('then-die')) await engine.restart();
    await connection.open(signal);
    await connection.apply(batchOf('t1', [row('/a', 1)]));
    expect(await count()).toBe(1);
  },
);

it('an attempt that was given up and comes late changes nothing', async () => {
  const abort = new AbortController();
  await engine.inject({ kind: 'hold' });
  const before = await insertsSent();
  const late = connection.apply(batchOf('t1', [row('/a', 1)], abort.signal));
  const refused = expect(late).rejects.toMatchObject(unknown);
  await until(async () => (await insertsSent()) > before);
  abort.abort();
  await refused;
  await connection.apply(batchOf('t1', [row('/a', 1)]));
  await connection.apply(batchOf('t2', [row('/b', 1)]));
  await engine.release();
  expect(await count()).toBe(2);
});

it('an insert that reached some partitions of the table is completed', async () => {
  table = `torn_${tables}`;
  const partitioned = await connected({ partitionBy: 'views' });
  await partitioned.apply(batchOf('t1', rowsBelow(5)));
  await partitioned.apply(batchOf('t1', rowsBelow(10)));
  expect(await count()).toBe(10);
  expect(await number(`SELECT sum(views) FROM ${table}`)).toBe(45);
  await partitioned.close();
});

it('a batch that touches more partitions than was planned for is to be split', async () => {
  table = `many_${tables}`;
  const partitioned = await connected({ partitionBy: 'views' });
  await expect(partitioned.apply(batchOf('t1', rowsBelow(11)))).rejects.toMatchObject({
    outcome: 'refused',
  });
  expect(await count()).toBe(0);
  await partitioned.close();
});

it('50,000 rows are one block, which is known as one', async () => {
  const rows = rowsBelow(50_000).map((line) => line.replace('/a', `/${'a'.repeat(300)}`));
  await connection.apply(batchOf('t1', rows));
  await connection.apply(batchOf('t1', rows));
  expect(await count()).toBe(50_000);
  const parts = `SELECT rows FROM system.parts WHERE table = '${table}'`;
  expect(await engine.query(parts)).toEqual(['50000']);
});

it.each([
  ['a slot per insert', '', 1],
  ['a slot per insert and partition', 'PARTITION BY views', 2],
])('a window holds as many tokens as it has slots, and no more: %s', async (_, key, partitions) => {
  table = `window_${partitions}`;
  const slots = 3 * partitions;
  await engine.query(`CREATE TABLE ${table} (page String, views UInt32) ENGINE = MergeTree ${key}
    ORDER BY page SETTINGS non_replicated_deduplication_window = ${slots}`);
  const sink = clickhouse({
    name: 'views',
    url: engine.url,
    table,
    columns: { page: 'String', views: 'UInt32' },
    attemptTimeout: 1,
    maxTablePartitions: 2,
  });
  // By the arithmetic: (1 / 1 + 2) slots for each partition.
  const tight = sink.connect(deliveryPlace({ maxZombieMs: 0, minIntervalMs: 1 }));
  await tight.open(signal);
  const send = (token: string) => tight.apply(batchOf(token, rowsBelow(partitions)));
  for (const token of ['t1', 't2', 't3', 't1']) await send(token);
  expect(await count()).toBe(3 * partitions);
  for (const token of ['t4', 't1']) await send(token);
  expect(await count()).toBe(5 * partitions);
  await tight.close();
});

it('the view behind a table counts a batch once, if its target has a window', async () => {
  await engine.query(`CREATE TABLE sums_${table} (views UInt64) ENGINE = MergeTree ORDER BY views
    SETTINGS non_replicated_deduplication_window = 10000`);
  await engine.query(`CREATE MATERIALIZED VIEW view_${table} TO sums_${table}
    AS SELECT sum(views) AS views FROM ${table}`);
  await connection.open(signal);
  await engine.inject({ kind: 'commit-then-drop' });
  await expect(connection.apply(batchOf('t1', [row('/a', 7)]))).rejects.toMatchObject(unknown);
  await connection.apply(batchOf('t1', [row('/a', 7)]));
  expect(await number(`SELECT sum(views) FROM sums_${table}`)).toBe(7);
});

it('rows that a view refuses stand in the table once, and reach a mended view', async () => {
  await engine.query(`CREATE TABLE sums_${table} (views UInt64) ENGINE = MergeTree ORDER BY views
    SETTINGS non_replicated_deduplication_window = 10000`);
  const view = (select: string) =>
    engine.query(`CREATE MATERIALIZED VIEW view_${table} TO sums_${table} AS ${select}`);
  await view(`SELECT sum(views) + throwIf(max(views) = 8) AS views FROM ${table}`);
  await connection.open(signal);
  const batch = batchOf('t1', [row('/a', 7), row('/b', 8)]);
  const told = { outcome: 'fatal', code: 'SINK_SCHEMA' };
  await expect(connection.apply(batch)).rejects.toMatchObject(told);
  await expect(connection.apply(batch)).rejects.toMatchObject(told);
  await engine.query(`DROP VIEW view_${table}`);
  await view(`SELECT sum(views) AS views FROM ${table}`);
  await connection.apply(batch);
  expect(await count()).toBe(2);
  expect(await number(`SELECT sum(views) FROM sums_${table}`)).toBe(15);
});
