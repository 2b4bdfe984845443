import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  int64,
  json,
  type MillraceError,
  onClose,
  onUpdate,
  string,
  TopologyBuilder,
  tumbling,
  valueTime,
} from '../../src/index.ts';
import { type DriverOptions, TopologyTestDriver } from '../../src/testing.ts';
import { thrownBy } from '../support/thrown.ts';

const text = { key: string(), value: string() };

type Define = (builder: TopologyBuilder) => void;

function driverOf(
  define: Define,
  { deadLetter, ...options }: DriverOptions & { readonly deadLetter?: string } = {},
) {
  const builder = new TopologyBuilder('app', deadLetter === undefined ? {} : { deadLetter });
  define(builder);
  return new TopologyTestDriver(builder.build(), options);
}

const copy: Define = (builder) => builder.stream('in', text).to('out');

const counts: Define = (builder) =>
  builder
    .stream('in', text)
    .groupByKey()
    .windowedBy(tumbling('1 minute', { grace: 0 }))
    .count({ name: 'counts', emit: onClose() })
    .toStream()
    .to('out');

const reasons = (driver: TopologyTestDriver) =>
  driver.drops().map(({ reason, node }) => [reason, node]);

function placed(error: MillraceError) {
  return { code: error.code, ...error.where };
}

describe('bytes that a source cannot read', () => {
  const bad: Record<string, { key: Buffer | null; value: Buffer | null }> = {
    'a key that is no text': { key: Buffer.of(0xc3, 0x28), value: Buffer.from('v') },
    'a value that is no text': { key: Buffer.from('k'), value: Buffer.of(0xed, 0xa0, 0x80) },
  };

  it.each(Object.entries(bad))('%s stops the worker with the place', (_label, record) => {
    const driver = driverOf(copy);
    driver.send('in', { key: 'a', value: 'v' });
    const error = thrownBy(() => driver.sendBytes('in', record));
    expect(placed(error)).toEqual({
      code: 'DESERIALIZATION',
      node: 'stream-1',
      task: 'in-0',
      topic: 'in',
      partition: 0,
      offset: 1,
    });
  });

  it.each(Object.entries(bad))('%s is dropped where its source says so', (_label, record) => {
    const driver = driverOf((builder) =>
      builder.stream('in', { ...text, onError: 'drop', name: 'source' }).to('out'),
    );
    driver.sendBytes('in', record);
    expect(reasons(driver)).toEqual([['deserialization', 'source']]);
    expect(driver.read('out')).toEqual([]);
  });
});

describe('a value that its schema refuses', () => {
  const View = z.object({ post: z.string(), ms: z.number().int().min(0) });
  const define: Define = (builder) =>
    builder.stream('in', { key: string(), value: json(View) }).to('out');
  const sent = { key: 'a', value: { post: 'p', ms: -1 } };

  it('stops the worker, naming code and place but not the payload', () => {
    const driver = driverOf(define);
    const secret = { key: 'a', value: { post: 7, ms: 'secret' } };
    const error = thrownBy(() => driver.send('in', secret));
    expect(placed(error)).toMatchObject({ code: 'SCHEMA_VIOLATION', topic: 'in', offset: 0 });
    expect(error.message).not.toContain('secret');
  });

  it('goes to the dead letters, where there are some', () => {
    const driver = driverOf(define, { deadLetter: 'dead' });
    driver.send('in', [sent, { key: 'a', value: { post: 'p', ms: 1 } }]);
    expect([driver.read('dead').length, driver.read('out').length]).toEqual([1, 1]);
    expect(driver.dropped('deserialization')).toBe(1);
  });
});

describe('timestamps that are none', () => {
  const at = (policy: 'drop' | 'partition-time' | 'fail') => (builder: TopologyBuilder) =>
    builder
      .stream('in', {
        key: string(),
        value: json<{ at: unknown }>(),
        timestamp: valueTime((value: { at: unknown }) => value.at as number), // as a user may claim
        onInvalidTimestamp: policy,
      })
      .to('out');
  const bad = [undefined, null, -1, 1.5, 'soon', 8.64e15 + 1, -0.5];

  it('are dropped and advance nothing', () => {
    const driver = driverOf(at('drop'));
    for (const value of bad) driver.send('in', { key: 'a', value: { at: value } });
    expect(driver.dropped('invalid-timestamp')).toBe(bad.length);
    expect(driver.read('out')).toEqual([]);
  });

  it('are replaced by the partition time, once it is known', () => {
    const driver = driverOf(at('partition-time'));
    for (const value of [-1, 7, -1, 3, null]) driver.send('in', { key: 'a', value: { at: value } });
    expect(driver.read('out').map(({ timestamp }) => timestamp)).toEqual([7, 7, 3, 7]);
    expect(reasons(driver)).toEqual([['invalid-timestamp', 'stream-1']]);
  });

  it("stop the worker under 'fail'", () => {
    const driver = driverOf(at('fail'));
    const error = thrownBy(() => driver.send('in', { key: 'a', value: { at: null } }));
    expect(placed(error)).toMatchObject({ code: 'INVALID_TIMESTAMP', topic: 'in', offset: 0 });
  });

  it('of the record itself are judged alike, and the largest time is taken', () => {
    const driver = driverOf(copy);
    driver.send('in', [
      { key: 'a', value: 'v', timestamp: -1 },
      { key: 'a', value: 'v', timestamp: -5_000_000 },
      { key: 'a', value: 'v', timestamp: 8.64e15 },
      { key: 'a', value: 'v', timestamp: 8.64e15 + 1 },
    ]);
    expect(driver.dropped('invalid-timestamp')).toBe(3);
    expect(driver.read('out').map(({ timestamp }) => timestamp)).toEqual([8.64e15]);
  });
});

it('T5: a record too far ahead of the clock is dropped and advances nothing', () => {
  const driver = driverOf((builder) =>
    builder
      .stream('in', { ...text, maxFuture: '1h', name: 'source' })
      .groupByKey()
      .windowedBy(tumbling(10, { grace: 0 }))
      .count({ name: 'counts', emit: onUpdate() })
      .toStream()
      .to('out'),
  );
  driver.send('in', { key: 'a', value: 'x', timestamp: 3_600_001 });
  driver.send('in', { key: 'a', value: 'x', timestamp: 1 });
  driver.send('in', { key: 'a', value: 'x', timestamp: 3_600_000 });
  expect(reasons(driver)).toEqual([['future', 'source']]);
  expect(driver.read('out').map(({ timestamp }) => timestamp)).toEqual([1, 3_600_000]);
  driver.advanceWallClock(1);
  driver.send('in', { key: 'a', value: 'x', timestamp: 3_600_001 });
  expect(driver.dropped()).toBe(1);
});

it('a jump over years of empty windows closes the old ones once, at no cost per window', () => {
  const driver = driverOf(counts);
  const yearMs = 365 * 24 * 3_600_000;
  for (const timestamp of [0, yearMs, 270_000 * yearMs]) {
    driver.send('in', { key: 'a', value: 'v', timestamp });
  }
  expect(driver.read<{ startMs: number }, number>('out').map(({ key }) => key.startMs)).toEqual([
    0,
    yearMs,
  ]);
});

describe('odd keys', () => {
  const odd = ['__proto__', 'constructor', 'toString', '', '\0', 'ключ', '\u{1F600}', ' a ', 'a'];

  it('are keys like any other, in memory, in the changelog and on topics', () => {
    const driver = driverOf((builder) =>
      builder
        .stream('in', text)
        .groupBy((_value, key) => key ?? '', { name: 'by', key: string() })
        .count({ name: 'counts' })
        .toStream()
        .to('out'),
    );
    for (const key of odd) driver.send('in', { key, value: 'v' });
    driver.crash();
    for (const key of odd) driver.send('in', { key, value: 'v' });
    for (const key of odd) expect(driver.store('counts').get(key)).toBe(2);
    expect(driver.readTable('out')).toEqual(new Map(odd.map((key) => [key, 2])));
  });

  it('as fields of a value change no prototype', () => {
    const value = json<Record<string, unknown>>();
    const driver = driverOf((builder) => {
      builder.stream('in', { key: string(), value }).toTable({ name: 'rows' }).toStream().to('out');
    });
    const bytes = Buffer.from('{"__proto__":{"admin":true},"constructor":1}');
    driver.sendBytes('in', { key: Buffer.from('a'), value: bytes });
    driver.crash();
    const row = driver.store('rows').get('a') as Record<string, unknown>; // as its serde reads it
    expect(Object.keys(row)).toEqual(['__proto__', 'constructor']);
    expect(row['admin']).toBeUndefined();
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined(); // nobody's prototype changed
  });

  it('lone surrogates are mended to one key, in memory as on disk', () => {
    const define: Define = (builder) =>
      builder
        .stream('in', { key: string(), value: json<string>() })
        .groupBy((value) => value, { name: 'by', key: string() })
        .count({ name: 'counts' });
    const sent = [
      { key: 'x', value: 'a\ud800' },
      { key: 'x', value: 'a\udfff' },
    ];
    const driver = driverOf(define, { checks: 'off' });
    driver.send('in', sent);
    driver.crash();
    expect(driver.store('counts').entries()).toEqual([['a\ufffd', 2]]);
    // The driver tells an author that such a key is not what comes back.
    expect(placed(thrownBy(() => driverOf(define).send('in', sent)))).toMatchObject({
      code: 'LOSSY_SERDE',
      node: 'by',
    });
  });

  it('null keys are dropped where a key is due, and pass elsewhere', () => {
    const driver = driverOf((builder) => {
      copy(builder);
      builder.stream('other', text).groupByKey().count({ name: 'counts' });
    });
    driver.send('in', { key: null, value: 'v' });
    driver.send('other', { key: null, value: 'v' });
    expect(driver.read('out')).toHaveLength(1);
    expect(reasons(driver)).toEqual([['null-key', 'counts']]);
  });
});

describe('large records', () => {
  const huge = 'k'.repeat(1024 * 1024);

  it('a key of 1 MiB is a key like any other, if the log takes it', () => {
    const driver = driverOf(
      (builder) =>
        builder.stream('in', text).groupByKey().count({ name: 'counts' }).toStream().to('out'),
      { maxMessageBytes: 4 * 1024 * 1024 },
    );
    driver.send('in', { key: huge, value: 'v' });
    driver.crash();
    driver.send('in', { key: huge, value: 'v' });
    expect(driver.store('counts').get(huge)).toBe(2);
    expect(driver.readTable('out').get(huge)).toBe(2);
  });

  const grown: (onError?: 'drop' | 'dead-letter') => Define = (onError) => (builder) =>
    builder
      .stream('in', text)
      .mapValues((value) => value.repeat(2000), { value: string() })
      .to('out', { name: 'writer', ...(onError === undefined ? {} : { onError }) });
  const sent = [
    { key: 'a', value: '1' },
    { key: 'a', value: 'x'.repeat(100) },
    { key: 'a', value: '2' },
  ];
  const small = { maxMessageBytes: 100_000 };

  it('an output over the limit stops the worker', () => {
    const error = thrownBy(() => driverOf(grown(), small).send('in', sent));
    expect(placed(error)).toMatchObject({ code: 'RECORD_TOO_LARGE', topic: 'in', offset: 1 });
  });

  it('an output over the limit is dropped or dead-lettered where its sink says so', () => {
    for (const policy of ['drop', 'dead-letter'] as const) {
      const driver = driverOf(grown(policy), { ...small, deadLetter: 'dead' });
      driver.send('in', sent);
      expect(driver.read('out')).toHaveLength(2);
      expect(reasons(driver)).toEqual([['production', 'writer']]);
      expect(driver.read('dead')).toHaveLength(policy === 'drop' ? 0 : 1);
    }
  });

  it('a dead letter that would be too large itself goes without its payload and says so', () => {
    const driver = driverOf(
      (builder) => {
        builder
          .stream('in', { key: string(), value: int64() })
          .to('out', { onError: 'dead-letter' });
      },
      { maxMessageBytes: 2000, deadLetter: 'dead' },
    );
    // Fits the log as it is, but not with what a dead letter adds.
    driver.sendBytes('in', { key: Buffer.from('a'), value: Buffer.alloc(1800) });
    const [letter] = driver.read<Uint8Array | null, Uint8Array | null>('dead');
    expect([letter?.key, letter?.value]).toEqual([null, null]);
    const header = (name: string) =>
      Buffer.from(letter?.headers.get(`millrace.error.${name}`) ?? []).toString();
    expect([header('truncated'), header('offset')]).toEqual(['true', '0']);
  });

  it('a row over the limit stops the worker and names its changelog', () => {
    const driver = driverOf(
      (builder) =>
        builder
          .stream('in', text)
          .groupByKey()
          .aggregate({
            name: 'rows',
            initializer: () => '',
            aggregator: (_row, value) => value.repeat(2000),
            value: string(),
          }),
      small,
    );
    const error = thrownBy(() => driver.send('in', { key: 'a', value: 'x'.repeat(100) }));
    expect(placed(error)).toMatchObject({ code: 'RECORD_TOO_LARGE', topic: 'app-rows-changelog' });
  });
});

it.each([0, 1, 25_000])('%i records are counted exactly', (count) => {
  const driver = driverOf((builder) => {
    builder.stream('in', text).groupByKey().count({ name: 'counts' });
  });
  driver.send(
    'in',
    Array.from({ length: count }, (_, n) => ({ key: String(n % 3), value: 'v', timestamp: n })),
  );
  driver.crash();
  const total = driver
    .store('counts')
    .entries()
    .reduce((sum, [, value]) => sum + Number(value), 0);
  expect(total).toBe(count);
});
