import { describe, expect, it } from 'vitest';
import {
  type EmitPolicy,
  every,
  type ErrorPolicy,
  hopping,
  json,
  number,
  onClose,
  onCommit,
  onUpdate,
  type Ranked,
  ranking,
  type Score,
  string,
  tableRanking,
  type TimeWindows,
  TopologyBuilder,
  tumbling,
  type WindowedEmitPolicy,
} from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { expectInEveryRunMode } from '../support/expect-in-every-run-mode.ts';
import { thrownBy } from '../support/thrown.ts';

const source = { key: string(), value: string() };
const digits = (value: string) => Number(/\d+/.exec(value)?.[0] ?? NaN);
const show = (list: readonly Ranked<string>[]) => list.map(({ value }) => value).join(' ');

interface Options {
  readonly n?: number;
  readonly emit?: EmitPolicy;
  readonly onError?: ErrorPolicy;
  readonly by?: (value: string) => Score;
}

function ofStream({ n = 2, emit = onUpdate(), onError = 'fail', by = digits }: Options = {}) {
  const builder = new TopologyBuilder('test');
  const best = builder
    .stream('in', { ...source, tombstones: 'keep' })
    .groupByKey()
    .topN(n, { name: 'best', by, emit, onError });
  best.mapValues(show, { value: string() }).toStream().to('out');
  return builder.build();
}

function inWindows(windows: TimeWindows, emit: WindowedEmitPolicy) {
  const builder = new TopologyBuilder('test');
  const best = builder
    .stream('in', source)
    .groupByKey()
    .windowedBy(windows)
    .topN(2, { name: 'best', by: digits, emit, late: (late) => late.to('late') });
  best.mapValues(show, { value: string() }).toStream().to('out');
  return builder.build();
}

/** Groups by the first letter of the value; null for none. */
function ofTable({ n = 2, emit = onUpdate(), onError = 'fail', by = digits }: Options = {}) {
  const builder = new TopologyBuilder('test');
  const best = builder
    .table('in', { name: 'rows', ...source })
    .groupBy((value) => ({ key: /^[a-z]/.exec(value)?.[0] ?? null, value }), {
      name: 'by',
      ...source,
    })
    .topN(n, { name: 'best', by, emit, onError });
  best
    .mapValues((list) => list.map(({ key, value }) => key + value).join(' '), { value: string() })
    .toStream()
    .to('out');
  return builder.build();
}

const at = (key: string | null, value: string | null, timestamp: number) => ({
  topic: 'in',
  key,
  value,
  timestamp,
});
const row = (key: unknown, value: string | null, timestamp: number) => ({ key, value, timestamp });
const within = (key: string, startMs: number) => ({ key, startMs, endMs: startMs + 10 });

describe('of a stream', () => {
  it('the best are listed, of equal ones the earlier arrival, and others change nothing', () =>
    expectInEveryRunMode({
      topology: ofStream(),
      input: [
        at('k', 'a5', 9),
        at('k', 'b5', 3),
        at('k', 'c5', 20),
        at('k', 'd1', 30),
        at('k', 'e7', 4),
        at('j', 'f1', 5),
        at('k', 'g5', 40),
      ],
      output: {
        out: [row('k', 'a5', 9), row('k', 'a5 b5', 9), row('k', 'e7 a5', 9), row('j', 'f1', 5)],
      },
    }));

  it('equal records are listed as often as they came', () =>
    expectInEveryRunMode({
      topology: ofStream(),
      input: [at('k', 'a5', 1), at('k', 'a5', 2), at('k', 'a5', 3)],
      output: { out: [row('k', 'a5', 1), row('k', 'a5 a5', 2)] },
    }));

  it('records without key or value are dropped', () =>
    expectInEveryRunMode({
      topology: ofStream(),
      input: [at(null, 'a5', 1), at('k', null, 2), at(null, null, 3), at('k', 'a1', 0)],
      output: { out: [row('k', 'a1', 0)] },
      drops: ['null-key', 'null-value', 'null-key'],
    }));

  it('scores may be bigints, and bigints beside numbers', () =>
    expectInEveryRunMode({
      topology: ofStream({ by: (value) => (value.startsWith('n') ? 2 ** 60 : 2n ** 60n + 1n) }),
      input: [at('k', 'n', 1), at('k', 'b', 2), at('k', 'n', 3)],
      output: { out: [row('k', 'n', 1), row('k', 'b n', 2)] },
    }));

  it('every() folds, and a change that changes nothing waits for nothing', () =>
    expectInEveryRunMode({
      topology: ofStream({ n: 1, emit: every(10) }),
      input: [
        at('k', 'a5', 1),
        at('k', 'b6', 2),
        at('z', 'z0', 12),
        at('k', 'c1', 13),
        at('z', 'z0', 25),
        at('k', 'd7', 26),
        at('z', 'z0', 35),
      ],
      output: { out: [row('k', 'b6', 2), row('z', 'z0', 12), row('k', 'd7', 26)] },
    }));

  it('onCommit() folds', () => {
    const driver = new TopologyTestDriver(ofStream({ emit: onCommit() }), { commit: 'manual' });
    driver.send('in', [at('k', 'a5', 1), at('k', 'b6', 2)]);
    driver.commit();
    driver.send('in', at('k', 'c1', 3));
    driver.commit();
    expect(driver.read('out')).toMatchObject([row('k', 'b6 a5', 2)]);
  });
});

describe('in windows', () => {
  it('each window has its list; a record may enter one and not the other', () =>
    expectInEveryRunMode({
      topology: inWindows(hopping(10, { every: 5, grace: 0 }), onUpdate()),
      input: [at('k', 'a1', 6), at('k', 'b9', 7), at('k', 'c5', 12), at('k', 'd1', 8)],
      output: {
        out: [
          row(within('k', 0), 'a1', 6),
          row(within('k', 5), 'a1', 6),
          row(within('k', 0), 'b9 a1', 7),
          row(within('k', 5), 'b9 a1', 7),
          row(within('k', 5), 'b9 c5', 12),
          row(within('k', 10), 'c5', 12),
        ],
      },
      drops: [],
    }));

  it('a closed window has told its list, and takes no record', () =>
    expectInEveryRunMode({
      topology: inWindows(tumbling(10, { grace: 5 }), onClose()),
      input: [
        at('k', 'a1', 1),
        at('k', 'b2', 14),
        at('k', 'c3', 2),
        at('j', 'x1', 15),
        at('k', 'd4', 3),
      ],
      output: {
        out: [row(within('k', 0), 'c3 a1', 2)],
        late: [row('k', 'd4', 3)],
      },
      drops: ['late'],
    }));
});

describe('of a table', () => {
  it('one that leaves lets the next in; of equal ones the lesser key is first', () =>
    expectInEveryRunMode({
      topology: ofTable(),
      input: [
        at('c', 'g5', 1),
        at('b', 'g5', 2),
        at('a', 'g5', 3),
        at('d', 'g9', 4),
        at('d', 'h9', 5),
        at('a', null, 6),
        at('b', 'g1', 7),
      ],
      output: {
        out: [
          row('g', 'cg5', 1),
          row('g', 'bg5 cg5', 2),
          row('g', 'ag5 bg5', 3),
          row('g', 'dg9 ag5', 4),
          row('g', 'ag5 bg5', 5),
          row('h', 'dh9', 5),
          row('g', 'bg5 cg5', 6),
          row('g', 'cg5 bg1', 7),
        ],
      },
    }));

  it('what changes below the list, or only in time, leaves row and timestamp', () =>
    expectInEveryRunMode({
      topology: ofTable({ n: 1 }),
      input: [
        at('a', 'g9', 1),
        at('b', 'g5', 2),
        at('b', 'g7', 3),
        at('b', null, 4),
        at('a', 'g9', 5),
        at('a', 'g9x', 3),
      ],
      output: { out: [row('g', 'ag9', 1), row('g', 'ag9x', 3)] },
    }));

  it('a group without rows is deleted, a later row starts it anew', () =>
    expectInEveryRunMode({
      topology: ofTable(),
      input: [at('a', 'g1', 5), at('a', 'h1', 4), at('a', 'g2', 3), at('a', '1', 9)],
      output: {
        out: [
          row('g', 'ag1', 5),
          row('g', null, 5),
          row('h', 'ah1', 4),
          row('h', null, 4),
          row('g', 'ag2', 3),
          row('g', null, 9),
        ],
      },
      drops: ['null-key'],
    }));

  it('keys of equal scores are in the order of their bytes', () =>
    expectInEveryRunMode({
      topology: ofTable({ n: 3 }),
      input: [at('\u{1F600}', 'g1', 1), at('\uFF5E', 'g1', 1), at('é', 'g1', 1)],
      output: {
        out: [
          row('g', '\u{1F600}g1', 1),
          row('g', '\uFF5Eg1 \u{1F600}g1', 1),
          row('g', 'ég1 \uFF5Eg1 \u{1F600}g1', 1),
        ],
      },
    }));

  it('every() folds the list', () =>
    expectInEveryRunMode({
      topology: ofTable({ emit: every(10) }),
      input: [
        at('a', 'g1', 1),
        at('b', 'g2', 2),
        at('a', null, 3),
        at('z', 'z1', 12),
        at('z', 'z2', 25),
      ],
      output: { out: [row('g', 'bg2', 3), row('z', 'zz1', 12)] },
    }));

  it('a score that was refused leaves nothing, and the next change of the row mends it', () =>
    expectInEveryRunMode({
      topology: ofTable({ onError: 'drop' }),
      input: [at('a', 'g1', 1), at('a', 'gx', 2), at('a', 'g3', 3), at('a', null, 4)],
      output: { out: [row('g', 'ag1', 1), row('g', 'ag3', 3), row('g', null, 4)] },
      drops: ['processing'],
    }));

  it('keeps what is in the groups, and nothing once they are empty', () => {
    const driver = new TopologyTestDriver(ofTable({ n: 3 }));
    const rowsOf = () =>
      ['best', 'best-members', 'best-order'].map((name) => driver.store(name).entries().length);
    const keys = Array.from({ length: 200 }, (_, index) => String(index).padStart(3, '0'));
    driver.send(
      'in',
      keys.map((key) => at(key, `g${key}`, 1)),
    );
    expect(rowsOf().slice(0, 2)).toEqual([1, 200]);
    expect(driver.store('best').get('g')).toMatchObject([
      { score: 199 },
      { score: 198 },
      { score: 197 },
    ]);
    driver.crash();
    driver.send(
      'in',
      keys.map((key) => at(key, null, 2)),
    );
    expect(rowsOf()).toEqual([0, 0, 0]);
    expect(driver.read('out').at(-1)).toMatchObject(row('g', null, 2));
  });
});

describe('a score', () => {
  it.each([NaN, Infinity, undefined, '5', null])('of %s is BAD_SCORE', (score) => {
    const by = () => score as number; // as a caller in JavaScript
    for (const topology of [ofStream({ by }), ofTable({ by })]) {
      const driver = new TopologyTestDriver(topology);
      const error = thrownBy(() => driver.send('in', at('a', 'g1', 1)));
      expect(error).toMatchObject({ code: 'BAD_SCORE', where: { node: 'best' } });
    }
  });
});

it.each([0, -1, 1.5, NaN, 10_001])('a list of %s is BAD_OPTION', (n) => {
  expect(thrownBy(() => ofStream({ n }))).toMatchObject({ code: 'BAD_OPTION' });
  expect(thrownBy(() => ofTable({ n }))).toMatchObject({ code: 'BAD_OPTION' });
});

describe('the serde of the lists', () => {
  const entries = [
    { value: 'a', score: -0 },
    { value: '', score: 1.5 },
    { value: 'b', score: -(2n ** 70n) },
  ];
  const rows = entries.map((entry, index) => ({ key: index, ...entry }));
  const lists = ranking(string());
  const tableLists = tableRanking(number(), string());

  it('gives back what it was given', () => {
    expect(lists.deserialize(lists.serialize(entries) as Uint8Array)).toEqual(entries);
    expect(lists.deserialize(lists.serialize([]) as Uint8Array)).toEqual([]);
    expect(tableLists.deserialize(tableLists.serialize(rows) as Uint8Array)).toEqual(rows);
  });

  it('reads a topic that another topology wrote', () => {
    const writer = new TopologyBuilder('writer');
    const bids = writer.stream('bids', { key: string(), value: string() }).groupByKey();
    bids.topN(2, { name: 'best', by: digits }).toStream().to('best-bids');
    const wrote = new TopologyTestDriver(writer.build());
    wrote.send('bids', at('k', 'a5', 1));
    const [written] = wrote.read<string, readonly Ranked<string, number>[]>('best-bids');
    const reader = new TopologyBuilder('reader');
    const best = reader.stream('best-bids', { key: string(), value: ranking(string()) });
    best.mapValues(show, { value: string() }).to('out');
    const read = new TopologyTestDriver(reader.build());
    read.send('best-bids', { key: 'k', value: written?.value });
    expect(read.read('out')).toMatchObject([{ key: 'k', value: 'a5' }]);
  });

  it('refuses other bytes', () => {
    const bytes = tableLists.serialize(rows) as Uint8Array;
    const longScore = [0, 0, 0, 2, 0, 7, 0, 0, 0, 0];
    for (const bad of [bytes.subarray(1), bytes.subarray(0, 20), Buffer.from(longScore)]) {
      expect(thrownBy(() => lists.deserialize(bad))).toMatchObject({ code: 'DESERIALIZATION' });
    }
  });

  it('refuses a score that is none', () => {
    for (const score of [NaN, '1' as unknown as number]) {
      const write = () => lists.serialize([{ value: 'a', score }]);
      expect(thrownBy(write)).toMatchObject({ code: 'SERIALIZATION' });
    }
  });

  it('does not validate again what it wrote itself', () => {
    const validate = () => ({ issues: [{ message: 'no' }] });
    const nothing = { '~standard': { version: 1, vendor: 'test', validate } } as const;
    const strict = ranking<unknown, number>(json(nothing));
    const bytes = strict.serialize([{ value: 'x', score: 1 }]) as Uint8Array;
    expect(() => strict.deserialize(bytes)).toThrow();
    expect(strict.trusted?.().deserialize(bytes)).toEqual([{ value: 'x', score: 1 }]);
  });
});
