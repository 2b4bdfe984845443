import { describe, expect, it } from 'vitest';
import {
  type EmitPolicy,
  every,
  type ErrorPolicy,
  int64,
  json,
  type KGroupedTable,
  type KTable,
  onCommit,
  onUpdate,
  string,
  TopologyBuilder,
  tumbling,
} from '../../src/index.ts';
import { pairSerde } from '../../src/operators/internal/pair-serde.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { expectInEveryRunMode } from '../support/expect-in-every-run-mode.ts';

const serdes = { key: string(), value: string() };

/** Groups by what stands before the colon; the group gets what stands behind it. */
function grouping(
  build: (group: KGroupedTable<string, string, string>) => KTable<string, unknown>,
) {
  const builder = new TopologyBuilder('test');
  const table = builder.table('in', { name: 'rows', ...serdes });
  const group = table.groupBy(
    (value) => {
      const [key, own] = value.split(':');
      return { key: key === '' ? null : String(key), value: own ?? null };
    },
    { name: 'by', ...serdes },
  );
  const shown = build(group).mapValues((value) => `${String(value)}`, { value: string() });
  shown.toStream().to('out');
  return builder.build();
}

const listing = (group: KGroupedTable<string, string, string>) =>
  group.reduce(
    (list, value) => `${list}+${value}`,
    (list, value) => (list === value ? null : `${list}-${value}`),
    { name: 'lists' },
  );

const summing = (emit: EmitPolicy, onError: ErrorPolicy = 'fail') =>
  grouping((group) =>
    group.aggregate({
      name: 'sums',
      initializer: () => 0,
      adder: (sum, value) => sum + Number(value),
      subtractor(sum, value) {
        if (value === '13') throw new RangeError('a bug');
        return sum === Number(value) ? null : sum - Number(value);
      },
      value: int64(),
      emit,
      onError,
    }),
  );

const at = (key: string, value: string | null, timestamp: number) => ({
  topic: 'in',
  key,
  value,
  timestamp,
});
const row = (key: string, value: string | null, timestamp: number) => ({ key, value, timestamp });

it('a row that stays in its group changes it once, and one that moves leaves first', () =>
  expectInEveryRunMode({
    topology: grouping(listing),
    input: [at('k', 'g:1', 5), at('j', 'g:2', 3), at('k', 'g:3', 4), at('k', 'h:4', 9)],
    output: {
      out: [
        row('g', '1', 5),
        row('g', '1+2', 5),
        row('g', '1+2-1+3', 5),
        row('g', '1+2-1+3-3', 9),
        row('h', '4', 9),
      ],
    },
    drops: [],
  }));

it('a half without a group key or without a value is left out and counted, the other is not', () =>
  expectInEveryRunMode({
    topology: grouping(listing),
    input: [
      at('k', 'g:1', 1),
      at('j', 'g:2', 2),
      at('k', ':3', 3),
      at('k', 'g:4', 4),
      at('k', 'g', 5),
      at('k', null, 6),
    ],
    output: {
      out: [
        row('g', '1', 1),
        row('g', '1+2', 2),
        row('g', '1+2-1', 3),
        row('g', '1+2-1+4', 4),
        row('g', '1+2-1+4-4', 5),
      ],
    },
    drops: ['null-key', 'null-key', 'null-value', 'null-value'],
  }));

it('a subtractor that returns null deletes the group; what then leaves it is passed over', () =>
  expectInEveryRunMode({
    topology: grouping(listing),
    input: [
      at('k', 'g:1', 1),
      at('k', 'h:2', 2),
      at('k', 'g:3', 3),
      at('j', 'g:3', 4),
      at('j', null, 5),
      at('k', null, 6),
    ],
    output: {
      out: [
        row('g', '1', 1),
        row('g', null, 2),
        row('h', '2', 2),
        row('h', null, 3),
        row('g', '3', 3),
        row('g', '3+3', 4),
        row('g', '3+3-3', 5),
        row('g', '3+3-3-3', 6),
      ],
    },
  }));

it('a count forwards a change that leaves it as it was, and keeps 0', () =>
  expectInEveryRunMode({
    topology: grouping((group) => group.count({ name: 'counts' })),
    input: [at('k', 'g:1', 5), at('k', 'g:2', 7), at('k', null, 6), at('k', null, 9)],
    output: { out: [row('g', '1', 5), row('g', '1', 7), row('g', '0', 7)] },
  }));

it('every() folds what came and went, and keeps the last time of a delete', () =>
  expectInEveryRunMode({
    topology: summing(every(10)),
    input: [
      at('a', 'g:1', 1),
      at('b', 'h:2', 2),
      at('a', 'h:1', 3),
      at('z', 'z:0', 12),
      at('b', null, 13),
      at('a', null, 14),
      at('z', 'z:1', 25),
    ],
    // The group of z lets time pass here: it, too, waits for its multiple.
    output: { out: [row('h', '3', 3), row('h', null, 14), row('z', '0', 12)] },
  }));

it('onCommit() folds up to the commit', () => {
  const driver = new TopologyTestDriver(summing(onCommit()), { commit: 'manual' });
  const settle = () => [1, 2, 3].forEach(() => driver.commit());
  driver.send('in', [at('a', 'g:1', 1), at('b', 'g:2', 2)]);
  settle();
  driver.send('in', [at('a', null, 4), at('b', null, 3)]);
  settle();
  expect(driver.read('out')).toMatchObject([row('g', '3', 2), row('g', null, 4)]);
});

describe('a callback that is wrong', () => {
  it('fails with the author’s error as the cause', () => {
    const driver = new TopologyTestDriver(summing(onUpdate()));
    driver.send('in', [at('a', 'g:1', 1), at('b', 'g:13', 2)]);
    try {
      driver.send('in', at('b', null, 3));
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'PROCESSING', where: { node: 'sums' } });
      expect((error as Error).cause).toBeInstanceOf(RangeError);
    }
  });

  it('loses the one half where it is dropped', () =>
    expectInEveryRunMode({
      topology: summing(onUpdate(), 'drop'),
      input: [at('a', 'g:1', 1), at('b', 'g:13', 2), at('b', 'h:5', 3)],
      output: { out: [row('g', '1', 1), row('g', '14', 2), row('h', '5', 3)] },
      drops: ['processing'],
    }));

  it.each([
    ['nothing', () => undefined],
    ['no key', () => ({ key: undefined, value: 'x' })],
    ['no value', () => ({ key: 'x', value: undefined })],
  ])('a selector that returns %s is UNDEFINED_VALUE', (_, selector) => {
    const builder = new TopologyBuilder('test');
    const table = builder.table('in', { name: 'rows', ...serdes });
    const given: unknown = selector;
    const wrong = given as () => { key: string; value: string }; // as a caller in JavaScript
    table.groupBy(wrong, { name: 'by', ...serdes }).count({ name: 'counts' });
    const driver = new TopologyTestDriver(builder.build());
    expect(() => driver.send('in', at('a', 'x', 1))).toThrow(
      expect.objectContaining({ code: 'UNDEFINED_VALUE' }),
    );
  });
});

it('one group is one group by its bytes: what differs in looks only moves nowhere', () => {
  const builder = new TopologyBuilder('test');
  const table = builder.table('in', { name: 'rows', ...serdes });
  const key = json<{ readonly first: string }>();
  const group = table.groupBy((value) => ({ key: { first: value.slice(0, 1) }, value }), {
    ...serdes,
    name: 'by',
    key,
  });
  group.count({ name: 'counts' }).toStream().to('out');
  return expectInEveryRunMode({
    topology: builder.build(),
    input: [at('a', 'x1', 1), at('a', 'x2', 2)],
    output: {
      out: [1, 2].map((timestamp) => ({ key: { first: 'x' }, value: 1, timestamp })),
    },
  });
});

it('a lookup finds the last count forwarded, not what waits for its time', () => {
  const builder = new TopologyBuilder('test');
  const table = builder.table('in', { name: 'rows', ...serdes });
  const counts = table
    .groupBy((value) => ({ key: value, value }), { name: 'by', ...serdes })
    .count({ name: 'counts', emit: every(10) });
  builder
    .stream('questions', serdes)
    .repartition({ name: 'questions-again' })
    .leftJoin(counts, (_, count) => count ?? -1, { name: 'found', value: int64() })
    .to('out');
  const driver = new TopologyTestDriver(builder.build());
  const ask = (timestamp: number) => driver.send('questions', at('g', '?', timestamp));
  driver.send('in', at('a', 'g', 1));
  ask(2);
  driver.send('in', at('z', 'z', 12));
  ask(12);
  driver.send('in', at('b', 'g', 13));
  ask(13);
  driver.send('in', at('z', 'z', 25));
  ask(25);
  expect(driver.read('out').map(({ value }) => value)).toEqual([-1, 1, 1, 2]);
});

it('groups lie where their keys say: rows of all partitions meet', () => {
  const topology = grouping((group) => group.count({ name: 'counts' }));
  const driver = new TopologyTestDriver(topology, { partitions: 3 });
  for (const key of ['a', 'b', 'c', 'd', 'e']) driver.send('in', at(key, 'g:1', 1));
  for (const key of ['a', 'b', 'c', 'd']) driver.send('in', at(key, 'h:1', 2));
  const last = new Map(driver.read('out').map(({ key, value }) => [key, value]));
  expect(last).toEqual(new Map(Object.entries({ g: '1', h: '4' })));
});

it('windows can be grouped by their key', () => {
  const builder = new TopologyBuilder('test');
  builder
    .stream('in', serdes)
    .groupByKey()
    .windowedBy(tumbling(10, { grace: 10 }))
    .count({ name: 'per-window' })
    .groupBy((count, { key }) => ({ key, value: count }), { ...serdes, name: 'by', value: int64() })
    .reduce(
      (sum, count) => sum + count,
      (sum, count) => sum - count,
      { name: 'totals' },
    )
    .toStream()
    .to('out');
  return expectInEveryRunMode({
    topology: builder.build(),
    input: [at('a', 'x', 1), at('a', 'x', 12), at('a', 'x', 3)],
    output: {
      out: [
        { key: 'a', value: 1, timestamp: 1 },
        { key: 'a', value: 2, timestamp: 12 },
        { key: 'a', value: 3, timestamp: 12 },
      ],
    },
  });
});

describe('a pair', () => {
  const serde = pairSerde(string(), json<number>());
  it.each([
    { row: 'k', oldValue: 1, newValue: null },
    { row: '', oldValue: null, newValue: 2 },
    { row: 'k', oldValue: 1, newValue: 2 },
  ])('comes back from its bytes: %o', (pair) => {
    expect(serde.deserialize(serde.serialize(pair) as Uint8Array)).toEqual(pair);
  });

  it('of damaged bytes is refused', () => {
    const bytes = serde.serialize({ row: 'k', oldValue: 1, newValue: 2 }) as Uint8Array;
    for (const end of [0, 3, 5, bytes.length - 1]) {
      expect(() => serde.deserialize(bytes.subarray(0, end))).toThrow(
        expect.objectContaining({ code: 'DESERIALIZATION' }),
      );
    }
  });
});
