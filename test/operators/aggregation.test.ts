import { describe, expect, it } from 'vitest';
import {
  type EmitPolicy,
  every,
  int64,
  keyValueStore,
  noHeaders,
  type ErrorPolicy,
  onCommit,
  onUpdate,
  type Processor,
  type ProcessorContext,
  string,
  TopologyBuilder,
} from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { expectInEveryRunMode } from '../support/expect-in-every-run-mode.ts';

const source = { key: string(), value: string() };

function summing(emit: EmitPolicy, onError: ErrorPolicy = 'fail') {
  const builder = new TopologyBuilder('test');
  builder
    .stream('in', source)
    .groupByKey()
    .aggregate({
      name: 'sums',
      initializer: () => 0,
      aggregator(sum, value) {
        if (value === 'bug') throw new RangeError('a bug');
        return value === 'reset' ? null : sum + value.length;
      },
      value: int64(),
      emit,
      onError,
    })
    .toStream()
    .to('out');
  return builder.build();
}

const at = (key: string | null, value: string, timestamp: number) => ({
  topic: 'in',
  key,
  value,
  timestamp,
});
const row = (key: string, value: number | null, timestamp: number) => ({ key, value, timestamp });

it('a tombstone has the greatest time of the row it ends, and nothing comes of nothing', () =>
  expectInEveryRunMode({
    topology: summing(onUpdate()),
    input: [at('a', 'reset', 1), at('a', 'xx', 9), at('a', 'reset', 4), at('a', 'x', 2)],
    output: { out: [row('a', 2, 9), row('a', null, 9), row('a', 1, 2)] },
  }));

it('every() folds what came and went into nothing, and keeps the last time of a delete', () =>
  expectInEveryRunMode({
    topology: summing(every(10)),
    input: [
      at('a', 'x', 1),
      at('a', 'reset', 2),
      at('b', 'x', 3),
      at('c', 'x', 11),
      at('b', 'x', 12),
      at('b', 'reset', 13),
      at('z', '', 20),
    ],
    output: { out: [row('b', 1, 3), row('b', null, 13), row('c', 1, 11)] },
  }));

it('onCommit() folds up to the commit, in the order of the first change', () => {
  const driver = new TopologyTestDriver(summing(onCommit()), { commit: 'manual' });
  driver.send('in', [at('b', 'x', 1), at('a', 'x', 2), at('b', 'x', 3), at('c', 'x', 4)]);
  driver.send('in', at('c', 'reset', 5));
  driver.commit();
  expect(driver.read('out')).toMatchObject([row('b', 2, 3), row('a', 1, 2)]);
  driver.send('in', [at('a', 'x', 9), at('a', 'reset', 7)]);
  driver.commit();
  driver.commit();
  expect(driver.read('out')).toMatchObject([row('a', null, 9)]);
});

describe('an aggregator that throws', () => {
  it.each([1, 4])('fails at record %i with the author’s error as the cause', (bad) => {
    const driver = new TopologyTestDriver(summing(onUpdate()));
    for (let index = 1; index < bad; index++) driver.send('in', at('a', 'x', index));
    try {
      driver.send('in', at('a', 'bug', bad));
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'PROCESSING', where: { node: 'sums' } });
      expect((error as Error).cause).toBeInstanceOf(RangeError);
    }
  });

  it('loses the one record where it is dropped', () =>
    expectInEveryRunMode({
      topology: summing(onUpdate(), 'drop'),
      input: [at('a', 'x', 1), at('a', 'bug', 2), at('a', 'x', 3)],
      output: { out: [row('a', 1, 1), row('a', 2, 3)] },
      drops: ['processing'],
    }));
});

it('a reducer is not called for the first value', () => {
  const builder = new TopologyBuilder('test');
  const grouped = builder.stream('in', source).groupByKey();
  grouped
    .reduce((a, b) => `(${a},${b})`, { name: 'all' })
    .toStream()
    .to('out');
  return expectInEveryRunMode({
    topology: builder.build(),
    input: [at('a', 'x', 5), at('a', 'y', 3), at('a', 'z', 4)],
    output: {
      out: ['x', '(x,y)', '((x,y),z)'].map((value) => ({ key: 'a', value, timestamp: 5 })),
    },
  });
});

it('drops of a group come before its topic, the key first', () => {
  const builder = new TopologyBuilder('test');
  const stream = builder.stream('in', { ...source, tombstones: 'keep' });
  const grouped = stream.groupBy((value, key) => value ?? key, { name: 'by', key: string() });
  grouped.count({ name: 'counts' }).toStream().to('out');
  const driver = new TopologyTestDriver(builder.build());
  driver.send('in', [
    { key: null, value: null },
    { key: 'a', value: null },
    { key: null, value: 'x' },
  ]);
  expect(driver.drops().map(({ node, reason }) => [node, reason])).toEqual([
    ['group-by-1', 'null-key'],
    ['group-by-1', 'null-value'],
  ]);
  expect(driver.read('out')).toMatchObject([{ key: 'x', value: 1 }]);
});

it('a processor of one’s own keeps a store, drops and sets timers', () => {
  const last = keyValueStore({ name: 'last', key: string(), value: string() });
  const builder = new TopologyBuilder('test');
  builder
    .stream('in', source)
    .process(
      {
        name: 'own',
        stores: [last],
        create(context: ProcessorContext<string, string>): Processor<string | null, string> {
          const store = context.store(last);
          return {
            process(record) {
              const { key, value, timestamp } = record;
              if (key === null) return context.drop(record, 'author:nobody');
              store.put(key, { value, timestamp });
              context.schedule({ at: timestamp + 10, name: 'tell', key: Buffer.from(key) });
            },
            onTimer({ key, timeMs }) {
              const own = Buffer.from(key ?? []).toString();
              const value = store.get(own)?.value ?? '';
              context.forward({ key: own, value, timestamp: timeMs, headers: noHeaders });
            },
          };
        },
      },
      { key: string(), value: string() },
    )
    .to('out');
  return expectInEveryRunMode({
    topology: builder.build(),
    input: [at('a', 'x', 1), at(null, 'y', 2), at('a', 'z', 5), at('b', 'q', 20)],
    output: { out: [{ key: 'a', value: 'z', timestamp: 15 }] },
    drops: ['author:nobody'],
  });
});

it('every: what changes at a multiple, before its timer, waits for the next one', async () => {
  const builder = new TopologyBuilder('test');
  const words = builder.stream('in', { key: string(), value: string() });
  const delayed = words.filter((word) => word === 'slow').delay(10, { name: 'delayed' });
  words
    .filter((word) => word !== 'slow')
    .merge(delayed)
    .groupByKey()
    .count({ name: 'counts', emit: every(10) })
    .toStream()
    .to('out');
  const sent = [
    { topic: 'in', key: 'a', value: 'x', timestamp: 30 },
    { topic: 'in', key: 'b', value: 'slow', timestamp: 30 },
    { topic: 'in', key: 'c', value: 'x', timestamp: 45 },
    { topic: 'in', key: 'd', value: 'x', timestamp: 50 },
  ];
  const counted = ['a', 'b', 'c'].map((key, index) => {
    return { key, value: 1, timestamp: [30, 30, 45][index] ?? 0 };
  });
  await expectInEveryRunMode({ topology: builder.build(), input: sent, output: { out: counted } });
  const driver = new TopologyTestDriver(builder.build());
  driver.send('in', sent.slice(0, 3));
  expect(driver.read('out').map(({ key }) => key)).toEqual(['a']);
});
