import { beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, SinkError } from '../../../src/core/model/errors.ts';
import type { DeliveryPlace, SinkConnection } from '../../../src/core/sink/sink.ts';
import { clickhouse, type ClickhouseOptions } from '../../../src/sinks/clickhouse.ts';
import { batchOf, deliveryPlace } from '../support/delivery-place.ts';
import { type FakeClickhouse, fakeClickhouse } from './fake-clickhouse.ts';

const columns = { page: 'String' } as const;
type More = Partial<ClickhouseOptions<typeof columns>>;

let server: FakeClickhouse;
const opened: SinkConnection[] = [];
const { signal } = new AbortController();

const sinkOf = (more: More = {}) =>
  clickhouse({ name: 'views', url: server.url, table: 'pages', columns, ...more });

function connect(more: More = {}, place: Partial<DeliveryPlace> = {}): SinkConnection {
  const connection = sinkOf(more).connect(deliveryPlace(place));
  opened.push(connection);
  return connection;
}

async function thrownBy(attempt: Promise<unknown>): Promise<SinkError> {
  const error: unknown = await attempt.then(
    () => new Error('nothing was thrown'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof SinkError) return error;
  throw error;
}

beforeEach(async () => {
  server = await fakeClickhouse();
  return async () => {
    await Promise.all(opened.splice(0).map((connection) => connection.close()));
    await server.close();
  };
});

describe('a batch', () => {
  it('is one insert of its rows, byte for byte, under its token', async () => {
    const connection = connect({ database: 'my`db', table: 'a b' });
    await expect(connection.open(signal)).resolves.toBeNull();
    const rows = ['{"page":"/a"}', '{"page":"é\u2028"}'];
    await expect(connection.apply(batchOf('the/token', rows))).resolves.toBe('applied');
    const [insert, ...more] = server.inserts;
    expect(more).toEqual([]);
    expect(insert?.query).toBe('INSERT INTO `my\\`db`.`a b` (`page`) FORMAT JSONEachRow');
    expect(insert?.body).toBe(`${rows.join('\n')}\n`);
    expect(insert?.parameters).toMatchObject({
      insert_deduplication_token: 'the/token',
      wait_end_of_query: '1',
    });
  });

  it('is sent with all that exactly-once needs, whatever else is set', async () => {
    const settings = { async_insert: 1, max_execution_time: 0, insert_quorum: 2 };
    const connection = connect({ settings, attemptTimeout: '20s', maxTablePartitions: 3 });
    await connection.open(signal);
    await connection.apply(batchOf('t1', ['{}']));
    const { parameters } = server.inserts[0] ?? {};
    expect(parameters).toMatchObject({
      async_insert: '0',
      insert_deduplicate: '1',
      deduplicate_blocks_in_dependent_materialized_views: '1',
      max_insert_block_size: '1048449',
      min_insert_block_size_rows: '1048449',
      min_insert_block_size_bytes: '0',
      max_partitions_per_insert_block: '3',
      max_execution_time: '20',
      insert_quorum: '2',
    });
    expect(parameters).not.toHaveProperty('deduplicate_insert');
  });

  it('of more rows than a block has by default is one block all the same', async () => {
    const connection = connect({ batches: { maxRows: 2_000_000 } });
    await connection.apply(batchOf('t1', ['{}']));
    expect(server.inserts[0]?.parameters).toMatchObject({
      max_insert_block_size: '2000001',
      min_insert_block_size_rows: '2000001',
    });
  });

  it('enables what newer servers put above the old switch', async () => {
    server.settings.set('deduplicate_insert', 'as asked');
    const connection = connect();
    await connection.open(signal);
    await connection.apply(batchOf('t1', ['{}']));
    expect(server.inserts[0]?.parameters).toMatchObject({ deduplicate_insert: 'enable' });
  });

  it('is compressed where that is asked for', async () => {
    await connect({ compress: true }).apply(batchOf('t1', ['{"page":"/a"}']));
    expect(server.inserts[0]?.body).toBe('{"page":"/a"}\n');
  });

  it('of no rows asks nothing', async () => {
    await expect(connect().apply(batchOf('t1', []))).resolves.toBe('applied');
    expect(server.inserts).toEqual([]);
  });
});

describe('an error of the server', () => {
  it.each([
    [
      'refused',
      'SINK_ROW_REFUSED',
      [6, 25, 26, 27, 38, 41, 53, 69, 70, 72, 117, 128, 131, 321, 349, 469, 632],
    ],
    ['fatal', 'SINK_DENIED', [164, 192, 193, 194, 452, 497, 516]],
    ['fatal', 'SINK_SCHEMA', [10, 16, 47, 60, 81]],
    ['fatal', 'BAD_OPTION', [115]],
    ['unknown', 'SINK_UNAVAILABLE', [0, 33, 49, 159, 202, 209, 210, 241, 242, 252, 319, 999, 1002]],
  ] as const)('is %s, %s', async (outcome, code, numbers) => {
    const connection = connect();
    for (const number of numbers) {
      server.answer = { code: number, text: 'What happened. (SOME_NAME)' };
      const error = await thrownBy(connection.apply(batchOf('t1', ['{}'])));
      expect([number, error.outcome, error.code]).toEqual([number, outcome, code]);
      expect(error.message).toContain(`sink 'views': What happened. (code ${number}, SOME_NAME)`);
      expect(error.cause).toBeInstanceOf(Error);
    }
  });

  it('of too many partitions splits the batch, of too many parts waits', async () => {
    const connection = connect();
    const text = 'Too many partitions for single INSERT block (more than 10). (TOO_MANY_PARTS)';
    server.answer = { code: 252, text };
    const error = await thrownBy(connection.apply(batchOf('t1', ['{}'])));
    expect(error.outcome).toBe('refused');
    server.answer = { code: 252, text: 'Too many parts (300). (TOO_MANY_PARTS)' };
    const other = await thrownBy(connection.apply(batchOf('t1', ['{}'])));
    expect(other.outcome).toBe('unknown');
  });

  it('of a view behind the table refuses no row: they are in the table', async () => {
    const connection = connect();
    const outcomeOf = async (text: string) => {
      server.answer = { code: 469, text: `${text} (SOME_NAME)` };
      const { outcome, code, message } = await thrownBy(connection.apply(batchOf('t1', ['{}'])));
      return [outcome, code, /the view \S+/.exec(message)?.[0]];
    };
    const pushing =
      'Constraint `c` is violated: while pushing to view default.`a view`: while pushing to view default.v. ';
    expect(await outcomeOf(pushing)).toEqual(['fatal', 'SINK_SCHEMA', 'the view default.v']);
    const quoting = "Column values: s = ': while pushing to view default.v. '. ";
    expect(await outcomeOf(quoting)).toEqual(['refused', 'SINK_ROW_REFUSED', undefined]);
  });

  it('is shown on one line of bounded length, without the row it quotes', async () => {
    const text = `Cannot parse ${'\n\u0007x'.repeat(400)} before: 'secret': (at row 1) (SOME_NAME)`;
    server.answer = { code: 27, text };
    const { message } = await thrownBy(connect().apply(batchOf('t1', ['{}'])));
    expect(message.length).toBeLessThan(400);
    expect(message).toMatch(/^[\u0020-\u007e]*$/);
    expect(message).not.toContain('secret');
  });

  it.each([
    'Cannot parse IPv4 secret"',
    "Unexpected data 'secret' after parsed IPv6 value 'secret'",
    "Constraint `c` is violated at row 1. Expression: (s != 'x'). Column values: s = 'secret'",
  ])('does not show what is quoted as in: %s', async (text) => {
    server.answer = { code: 675, text: `${text}: (at row 1) (SOME_NAME)` };
    const { message } = await thrownBy(connect().apply(batchOf('t1', ['{}'])));
    expect(message).toContain(text.slice(0, 15));
    expect(message).not.toContain('secret');
  });

  it('never shows the password, even where the server does', async () => {
    server.answer = { code: 516, text: "default: 'p4ss' is wrong. (AUTHENTICATION_FAILED)" };
    const error = await thrownBy(connect({ password: 'p4ss' }).apply(batchOf('t1', ['{}'])));
    expect(error.message).toContain("'***' is wrong");
    expect(error.cause).toBeUndefined();
  });
});

describe('an attempt whose outcome is unknown', () => {
  it.each([['hang-up'], [{ status: 502, text: '<html>Bad gateway</html>' }]] as const)(
    'ends with %j',
    async (answer) => {
      server.answer = answer;
      const error = await thrownBy(connect().apply(batchOf('t1', ['{}'])));
      expect([error.outcome, error.code]).toEqual(['unknown', 'SINK_UNAVAILABLE']);
    },
  );

  it('ends when it is aborted', async () => {
    server.answer = 'silence';
    const abort = new AbortController();
    const applying = connect().apply(batchOf('t1', ['{}'], abort.signal));
    await server.nextInsert();
    abort.abort();
    expect((await thrownBy(applying)).outcome).toBe('unknown');
  });

  it('is not begun when it was aborted before', async () => {
    const error = await thrownBy(connect().apply(batchOf('t1', ['{}'], AbortSignal.abort())));
    expect(error.outcome).toBe('unknown');
    expect(server.inserts).toEqual([]);
  });

  it('is that of a server that is not there', async () => {
    const connection = connect({ url: 'http://127.0.0.1:1' });
    const error = await thrownBy(connection.open(signal));
    expect([error.outcome, error.code]).toEqual(['unknown', 'SINK_UNAVAILABLE']);
  });
});

describe('open', () => {
  it('refuses a server that knows no tokens, by its version', async () => {
    server.settings.delete('insert_deduplication_token');
    const error = await thrownBy(connect().open(signal));
    expect([error.outcome, error.code]).toEqual(['fatal', 'SINK_HORIZON']);
    expect(error.message).toContain('18.16.1');
  });

  it('refuses a user whose settings stay as they are', async () => {
    server.settings.set('async_insert', '1');
    const error = await thrownBy(connect().open(signal));
    expect([error.outcome, error.code]).toEqual(['fatal', 'SINK_DENIED']);
    expect(error.message).toContain('cannot set async_insert to 0: it stays 1');
  });

  it('takes the window of the server where the table has none of its own', async () => {
    server.table = { ...server.table, engine_full: 'MergeTree ORDER BY page' };
    expect((await thrownBy(connect().open(signal))).code).toBe('SINK_HORIZON');
    server.tableSettings.set('non_replicated_deduplication_window', '1000');
    await connect().open(signal);
  });

  it('asks of a Replicated table a window in slots and one in seconds', async () => {
    server.table.engine = 'ReplicatedMergeTree';
    server.tableSettings.set('non_replicated_deduplication_window', '1000');
    server.tableSettings.set('replicated_deduplication_window', '91');
    server.tableSettings.set('replicated_deduplication_window_seconds', '899');
    server.table.engine_full = 'ReplicatedMergeTree ORDER BY page';
    const slots = await thrownBy(connect().open(signal));
    expect(slots.message).toContain('its replicated_deduplication_window is 91');
    expect(slots.message).toContain('at least 92 is needed');
    server.tableSettings.set('replicated_deduplication_window', '92');
    const seconds = await thrownBy(connect().open(signal));
    expect(seconds.message).toContain('its replicated_deduplication_window_seconds is 899');
    expect(seconds.message).toContain('at least 900 is needed');
    server.table.engine_full += ' SETTINGS replicated_deduplication_window_seconds = 900';
    await connect().open(signal);
  });
});

describe('a table that was judged', () => {
  const asksOf = async (work: () => Promise<unknown>) => {
    const before = server.questions.length;
    await work();
    return server.questions.length - before;
  };

  it('is looked at once before each batch', async () => {
    const connection = connect();
    await connection.open(signal);
    for (const token of ['t1', 't2']) {
      expect(await asksOf(() => connection.apply(batchOf(token, ['{}'])))).toBe(1);
    }
  });

  it('is judged anew once it was altered, and not again', async () => {
    const connection = connect();
    await connection.open(signal);
    server.table.engine_full += ', ttl_only_drop_parts = 1';
    expect(await asksOf(() => connection.apply(batchOf('t1', ['{}'])))).toBeGreaterThan(1);
    expect(await asksOf(() => connection.apply(batchOf('t2', ['{}'])))).toBe(1);
    expect(server.inserts).toHaveLength(2);
  });

  it.each([
    ['SINK_SCHEMA', 'FixedString(1)', {}],
    ['SINK_HORIZON', 'String', { engine_full: 'MergeTree ORDER BY page' }],
  ])('and is no good any more gets no row: %s', async (code, columnType, change) => {
    const connection = connect();
    await connection.open(signal);
    await connection.apply(batchOf('t1', ['{}']));
    server.columnType = columnType;
    server.table = { ...server.table, ...change };
    const error = await thrownBy(connection.apply(batchOf('t2', ['{}'])));
    expect([error.outcome, error.code]).toEqual(['fatal', code]);
    expect(server.inserts).toHaveLength(1);
  });
});

describe('options that cannot be used', () => {
  it.each<[string, Record<string, unknown>]>([
    ["the 'url' is to be of the HTTP interface", { url: 'clickhouse://user:p4ss@host' }],
    ["the 'url' is to be of the HTTP interface", { url: 'http://user:p4ss@:x' }],
    [
      "the column 'x' has a type that cannot be written: Tuple(a String)",
      { columns: { x: 'Tuple(a String)' } },
    ],
    ["'columns' names none", { columns: {} }],
    ["'maxTablePartitions' is to be a whole number from 1", { maxTablePartitions: 0 }],
    ["'otherInsertsPerSecond' is to be a whole number from 0", { otherInsertsPerSecond: -1 }],
  ])('%s', (rule, more) => {
    expect(() => sinkOf(more as More)).toThrow(ConfigError);
    expect(() => sinkOf(more as More)).toThrow(`The sink 'views' cannot be made: ${rule}`);
    expect(() => sinkOf(more as More)).not.toThrow(/p4ss/);
  });

  it('a type nested without end is refused', () => {
    const depth = 10_000;
    const x = `${'Array('.repeat(depth)}String${')'.repeat(depth)}`;
    expect(() => sinkOf({ columns: { x } } as unknown as More)).toThrow(ConfigError);
  });
});

describe('the sink', () => {
  it('shows its table, and neither address nor password', () => {
    const url = 'http://me:p4ss@db.example:8123/way?password=p4ss';
    const sink = sinkOf({ url, username: 'ann', password: 'other', table: 'pages' });
    expect(sink.detail).toEqual({
      sink: 'clickhouse',
      database: 'default',
      table: 'pages',
      columns,
    });
    expect(JSON.stringify(sink)).not.toMatch(/p4ss|other|db\.example/);
  });

  it('takes user and password of the address, and the options above them', async () => {
    const url = new URL(server.url);
    [url.username, url.password] = ['ann', 'p%40ss'];
    await connect({ url: url.href }).apply(batchOf('t1', ['{}']));
    await connect({ url: url.href, username: 'bob', password: '' }).apply(batchOf('t2', ['{}']));
    const users = server.inserts.map(({ authorization = '' }) =>
      Buffer.from(authorization.replace('Basic ', ''), 'base64').toString(),
    );
    expect(users).toEqual(['ann:p@ss', 'bob:']);
  });

  it('asks for few and large batches unless told otherwise', () => {
    expect(sinkOf().batches).toMatchObject({ maxRows: 50_000, maxDelayMs: 1_000 });
    const told = sinkOf({ batches: { maxRows: 5 } });
    expect(told.batches).toMatchObject({ maxRows: 5, maxDelayMs: 1_000 });
  });
});
