import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { clickhouse, type ClickhouseOptions } from '../../../src/sinks/clickhouse.ts';
import { type ClickhouseEngine, startClickhouse } from '../support/clickhouse-engine.ts';
import { batchOf, deliveryPlace } from '../support/delivery-place.ts';

const columns = { page: 'String', views: 'UInt32', country: 'Nullable(String)' } as const;
const password = 'a long secret';
const { signal } = new AbortController();

let engine: ClickhouseEngine;
let tables = 0;
let table: string;

type More = Partial<ClickhouseOptions<typeof columns>>;

const sinkOf = (more: More = {}) =>
  clickhouse({ name: 'views', url: engine.url, password, table, columns, ...more });

async function open(more: More = {}, place = deliveryPlace()): Promise<void> {
  const connection = sinkOf(more).connect(place);
  try {
    await connection.open(signal);
  } finally {
    await connection.close();
  }
}

const fields = 'page String, views UInt32, country Nullable(String)';
const mergeTree = 'ENGINE = MergeTree ORDER BY page';
const window = (slots: number): string => `SETTINGS non_replicated_deduplication_window = ${slots}`;
const create = (definition: string) => engine.query(`CREATE TABLE ${table} ${definition}`);
const fatal = (code: string): unknown => expect.objectContaining({ outcome: 'fatal', code });

beforeAll(async () => {
  engine = await startClickhouse({ password });
});
afterAll(() => engine.stop());
beforeEach(() => {
  table = `views_${++tables}`;
});

describe('the deduplication window', () => {
  it('of a table that was made without one is refused, with the arithmetic', async () => {
    await create(`(${fields}) ${mergeTree}`);
    const place = deliveryPlace({ partitions: 4, maxZombieMs: 120_000, minIntervalMs: 500 });
    const opening = open({ attemptTimeout: '30s', otherInsertsPerSecond: 2 }, place);
    await expect(opening).rejects.toThrow(fatal('SINK_HORIZON'));
    // 4 x (150,000 / 500 + 2) + 2 x 150
    await expect(opening).rejects.toThrow(
      'its non_replicated_deduplication_window is 0, and at least 1508 is needed: ' +
        '(4 outbox partitions x 302 batches: one per 500 ms',
    );
    await expect(opening).rejects.toThrow(
      `ALTER TABLE \`default\`.\`${table}\` MODIFY SETTING non_replicated_deduplication_window = 1508.`,
    );
  });

  it('is enough at the number that the message states, and not below', async () => {
    const place = deliveryPlace({ partitions: 3, maxZombieMs: 10_000, minIntervalMs: 4_000 });
    await create(`(${fields}) ${mergeTree} ${window(35)}`);
    await expect(open({}, place)).rejects.toThrow('at least 36 is needed');
    await engine.query(
      `ALTER TABLE ${table} MODIFY SETTING non_replicated_deduplication_window = 36`,
    );
    await open({}, place);
  });

  it('of a partitioned table has a slot for each partition a batch may touch', async () => {
    await create(
      `(${fields}) ENGINE = MergeTree PARTITION BY views % 3 ORDER BY page ${window(35)}`,
    );
    const place = deliveryPlace({ maxZombieMs: 10_000, minIntervalMs: 4_000 });
    await expect(open({ maxTablePartitions: 3 }, place)).rejects.toThrow(
      'x 3 table partitions (maxTablePartitions) = 36',
    );
    await open({ maxTablePartitions: 2 }, place);
  });

  it('is needed at the targets of materialised views too, and of views behind them', async () => {
    const database = 'of views';
    const created = async (name: string, definition: string) =>
      engine.query(`CREATE TABLE \`of views\`.\`${name}\` ${definition}`);
    await engine.query('CREATE DATABASE `of views`');
    await created(table, `(${fields}) ${mergeTree} ${window(1_000)}`);
    await created('first target', `(page String) ${mergeTree} ${window(1_000)}`);
    await engine.query(`CREATE MATERIALIZED VIEW \`of views\`.\`the first\`
      TO \`of views\`.\`first target\` AS SELECT page FROM \`of views\`.${table}`);
    await open({ database });
    await engine.query(`CREATE MATERIALIZED VIEW \`of views\`.second ${mergeTree}
      AS SELECT page FROM \`of views\`.\`first target\``);
    await expect(open({ database })).rejects.toThrow(
      /table `of views`\.`\.inner_id\..*window is 0/,
    );
  });

  it('behind a view has a slot for each partition of that table', async () => {
    const place = deliveryPlace({ maxZombieMs: 10_000, minIntervalMs: 4_000 });
    await create(`(${fields}) ${mergeTree} ${window(12)}`);
    await engine.query(`CREATE TABLE ${table}_pages (page String) ENGINE = MergeTree
      PARTITION BY page ORDER BY page ${window(35)}`);
    await engine.query(`CREATE MATERIALIZED VIEW ${table}_view TO ${table}_pages
      AS SELECT page FROM ${table}`);
    await expect(open({ maxTablePartitions: 3 }, place)).rejects.toThrow('at least 36 is needed');
    await open({ maxTablePartitions: 2 }, place);
  });

  it('is made large enough with the table', async () => {
    await open({ createTable: { orderBy: ['page'], partitionBy: 'views % 7' } });
    await open();
    const [full] = await engine.query(
      `SELECT engine_full FROM system.tables WHERE name = '${table}'`,
    );
    expect(full).toContain('PARTITION BY views % 7 ORDER BY (page)');
    expect(full).toContain('non_replicated_deduplication_window = 10000');
  });
});

describe('the table', () => {
  it('has to be there', async () => {
    await expect(open()).rejects.toThrow(fatal('SINK_SCHEMA'));
    await expect(open({ database: 'elsewhere' })).rejects.toThrow(fatal('SINK_SCHEMA'));
  });

  it('that cannot be made stops the worker', async () => {
    const byCountry = { orderBy: ['country'] } as const;
    await expect(open({ createTable: byCountry })).rejects.toThrow(fatal('SINK_SCHEMA'));
    const createTable = { orderBy: ['page'], partitionBy: 'no_such_function(page)' } as const;
    await expect(open({ createTable })).rejects.toThrow(fatal('SINK_SCHEMA'));
  });

  it('that is there is not made again, and is checked as any other', async () => {
    await create(`(page String) ${mergeTree} ${window(1_000)}`);
    await expect(open({ createTable: { orderBy: ['page'] } })).rejects.toThrow(
      fatal('SINK_SCHEMA'),
    );
  });

  it.each(['Memory', 'Log', 'SummingMergeTree ORDER BY page'])('of %s is refused', async (kind) => {
    await create(`(${fields}) ENGINE = ${kind}`);
    await expect(open()).rejects.toThrow(fatal('SINK_SCHEMA'));
  });

  it('names each column that differs', async () => {
    const differing = 'page FixedString(3), views UInt64, other UInt8';
    await create(`(${differing}) ENGINE = MergeTree ORDER BY other ${window(1_000)}`);
    await expect(open()).rejects.toThrow(
      "'page' (String) is FixedString(3) in the table; " +
        "'views' (UInt32) is UInt64 in the table; 'country' (Nullable(String)) is not in the table.",
    );
  });

  it('may have other columns, LowCardinality, and nulls where the rows have none', async () => {
    const wider =
      'page LowCardinality(String), views Nullable(UInt32), country LowCardinality(Nullable(String))';
    const more = 'at DateTime DEFAULT now()';
    await create(`(${wider}, ${more}) ${mergeTree} ${window(1_000)}`);
    await open();
  });

  it('must take null where the rows have it', async () => {
    await create(`(page String, views UInt32, country String) ${mergeTree} ${window(1_000)}`);
    await expect(open()).rejects.toThrow("'country' (Nullable(String)) is String in the table.");
  });

  it('must not choose a partition by the time of the insert', async () => {
    const key = 'ENGINE = MergeTree PARTITION BY toYYYYMM(at) ORDER BY page';
    await create(`(${fields}, at DateTime DEFAULT now()) ${key} ${window(1_000)}`);
    await expect(open()).rejects.toThrow("'at' decides the partition of a row, and is now()");
  });

  it('of ReplacingMergeTree is for upserts: the greatest version stays', async () => {
    const createTable = { orderBy: ['page'], engine: 'ReplacingMergeTree(views)' } as const;
    const connection = sinkOf({ createTable }).connect(deliveryPlace());
    await connection.open(signal);
    const row = (views: number) => JSON.stringify({ page: '/a', views, country: null });
    await connection.apply(batchOf('t1', [row(5)]));
    await connection.apply(batchOf('t2', [row(3)]));
    await connection.close();
    expect(await engine.query(`SELECT views FROM ${table} FINAL`)).toEqual(['5']);
  });
});

describe('a table that is altered between two batches', () => {
  const line = '{"page":"/a","views":300,"country":null}';
  const noWindow = 'MODIFY SETTING non_replicated_deduplication_window = 0';
  const toOther = () => `TO ${table}_other AS SELECT page FROM ${table}`;

  async function deliveringThroughView() {
    await create(`(${fields}) ${mergeTree} ${window(1_000)}`);
    await engine.query(`CREATE TABLE ${table}_pages (page String) ${mergeTree} ${window(1_000)}`);
    await engine.query(`CREATE TABLE ${table}_other (page String) ${mergeTree}`);
    await engine.query(`CREATE MATERIALIZED VIEW ${table}_view TO ${table}_pages
      AS SELECT page FROM ${table}`);
    const connection = sinkOf().connect(deliveryPlace());
    await connection.open(signal);
    await connection.apply(batchOf('t1', [line]));
    return connection;
  }

  it.each([
    ['a narrower column', 'SINK_SCHEMA', () => `ALTER TABLE ${table} MODIFY COLUMN views UInt8`],
    ['no window', 'SINK_HORIZON', () => `ALTER TABLE ${table} ${noWindow}`],
    ['no window behind its view', 'SINK_HORIZON', () => `ALTER TABLE ${table}_pages ${noWindow}`],
    [
      'none behind another',
      'SINK_HORIZON',
      () => `CREATE MATERIALIZED VIEW o_${table} ${toOther()}`,
    ],
  ])('and then has %s gets no row any more', async (_, code, alter) => {
    const connection = await deliveringThroughView();
    await engine.query(alter());
    const applying = connection.apply(batchOf('t2', [line]));
    await expect(applying).rejects.toThrow(fatal(code));
    expect(await engine.query(`SELECT count() FROM ${table}`)).toEqual(['1']);
    await connection.close();
  });

  it('and is good all the same gets the next', async () => {
    const connection = await deliveringThroughView();
    await engine.query(`ALTER TABLE ${table} ADD COLUMN at DateTime DEFAULT now()`);
    await connection.apply(batchOf('t2', [line]));
    expect(await engine.query(`SELECT views FROM ${table}`)).toEqual(['300', '300']);
    await connection.close();
  });

  it('and is not there any more is not made again', async () => {
    const createTable = { orderBy: ['page'] } as const;
    const connection = sinkOf({ createTable }).connect(deliveryPlace());
    await connection.open(signal);
    await engine.query(`DROP TABLE ${table}`);
    const applying = connection.apply(batchOf('t1', [line]));
    await expect(applying).rejects.toThrow(fatal('SINK_SCHEMA'));
    await connection.close();
  });
});

describe('the user', () => {
  it('with a wrong password is refused, and no message shows it', async () => {
    const opening = open({ password: 'mistaken' });
    await expect(opening).rejects.toThrow(fatal('SINK_DENIED'));
    await expect(opening).rejects.not.toThrow(/mistaken/);
  });

  it('may come in the address', async () => {
    await create(`(${fields}) ${mergeTree} ${window(1_000)}`);
    const url = new URL(engine.url);
    url.username = 'default';
    url.password = encodeURIComponent(password);
    const sink = clickhouse({ name: 'views', url: url.href, table, columns });
    const connection = sink.connect(deliveryPlace());
    await connection.open(signal);
    await connection.close();
    expect(JSON.stringify(sink)).not.toContain('secret');
  });
});

describe('a row', () => {
  it('that breaks a constraint refuses its batch, and nothing of it is there', async () => {
    await create(`(${fields}, CONSTRAINT few CHECK views < 10) ${mergeTree} ${window(1_000)}`);
    const connection = sinkOf().connect(deliveryPlace());
    await connection.open(signal);
    const row = (views: number) => JSON.stringify({ page: '/secret', views, country: null });
    const applying = connection.apply(batchOf('t1', [row(1), row(10), row(2)]));
    await expect(applying).rejects.toThrow(
      expect.objectContaining({ outcome: 'refused', code: 'SINK_ROW_REFUSED' }),
    );
    expect(await engine.query(`SELECT count() FROM ${table}`)).toEqual(['0']);
    await connection.apply(batchOf('t1', [row(1), row(2)]));
    expect(await engine.query(`SELECT count() FROM ${table}`)).toEqual(['2']);
    await connection.close();
  });

  it('that is no row of the table is not shown in the message', async () => {
    await create(`(${fields}) ${mergeTree} ${window(1_000)}`);
    const connection = sinkOf().connect(deliveryPlace());
    await connection.open(signal);
    for (const views of ['"secret"', '1.5', '-1', 'secret']) {
      const line = `{"page":"/secret","views":${views},"country":null}`;
      const applying = connection.apply(batchOf('t1', [line]));
      await expect(applying).rejects.toThrow(expect.objectContaining({ outcome: 'refused' }));
      await expect(applying).rejects.not.toThrow(/secret/);
    }
    await connection.close();
  });

  it('with an address that is none refuses its batch, and is not shown either', async () => {
    await create(`(ip IPv6) ENGINE = MergeTree ORDER BY ip ${window(1_000)}`);
    const where = { url: engine.url, password, table };
    const sink = clickhouse({ name: 'ips', ...where, columns: { ip: 'IPv6' } });
    const connection = sink.connect(deliveryPlace());
    await connection.open(signal);
    for (const ip of ['', 'secret', '[::1]', 'fe80::1%secret', '::1 ', '10.1.2.3:80']) {
      const applying = connection.apply(batchOf('t1', [sink.row.serialize({ ip })]));
      await expect(applying).rejects.toThrow(expect.objectContaining({ outcome: 'refused' }));
      await expect(applying).rejects.not.toThrow(/secret|10\.1/);
    }
    await connection.close();
  });

  it('needs a table that is still there', async () => {
    await create(`(${fields}) ${mergeTree} ${window(1_000)}`);
    const connection = sinkOf().connect(deliveryPlace());
    await connection.open(signal);
    await engine.query(`ALTER TABLE ${table} DROP COLUMN country`);
    const line = '{"page":"/a","views":1,"country":null}';
    await expect(connection.apply(batchOf('t1', [line]))).rejects.toThrow(fatal('SINK_SCHEMA'));
    await engine.query(`DROP TABLE ${table}`);
    await expect(connection.apply(batchOf('t1', [line]))).rejects.toThrow(fatal('SINK_SCHEMA'));
    await connection.close();
  });
});

it('further settings are sent with each insert, below those that exactly-once needs', async () => {
  await create(`(${fields}) ${mergeTree} ${window(1_000)}`);
  const settings = { insert_quorum: 0, async_insert: 1, log_comment: 'mine' };
  const connection = sinkOf({ settings }).connect(deliveryPlace());
  await connection.open(signal);
  await connection.apply(batchOf('t1', ['{"page":"/a","views":1,"country":null}']));
  await connection.close();
  expect((await engine.inserts()).at(-1)).toMatchObject({ async_insert: '0', log_comment: 'mine' });
  const wrong = sinkOf({ settings: { no_such_setting: 1 } }).connect(deliveryPlace());
  await wrong.open(signal);
  const applying = wrong.apply(batchOf('t2', ['{"page":"/a","views":1,"country":null}']));
  await expect(applying).rejects.toThrow(fatal('BAD_OPTION'));
  await wrong.close();
});
