import { expect, it } from 'vitest';
import {
  keyValueStore,
  onClose,
  type ProcessorContext,
  string,
  TopologyBuilder,
  tumbling,
} from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { expectInEveryRunMode } from '../support/expect-in-every-run-mode.ts';
import { play, recordOf } from './play.ts';

const serdes = { key: string(), value: string() };

it('differs/D13 at equal times topics are taken in their order, tables first', async () => {
  const merging = new TopologyBuilder('differs');
  const values = { key: string(), value: string() };
  merging.stream('A', values).merge(merging.stream('B', values)).to('out');
  const result = (key: string, timestamp: number) => ({ key, value: 'v', timestamp });
  await expectInEveryRunMode({
    topology: merging.build(),
    isFilled: true,
    input: ['A/a1@5', 'A/a2@3', 'B/b1@4', 'B/b2@5'].map(recordOf),
    output: { out: [result('b1', 4), result('a1', 5), result('a2', 3), result('b2', 5)] },
  });

  const joining = new TopologyBuilder('differs');
  const events = joining.stream('events', serdes);
  const rows = joining.table('rows', { name: 'rows', ...serdes });
  events.leftJoin(rows, (event, row) => `${event}+${row}`, { value: string() }).to('out');
  await expectInEveryRunMode({
    topology: joining.build(),
    isFilled: true,
    input: ['events/k:e@7', 'rows/k:r@7'].map(recordOf),
    output: { out: [{ key: 'k', value: 'e+r', timestamp: 7 }] },
  });
});

it('differs/D14 the order across topics, and what is late by it, survive a restart', async () => {
  const builder = new TopologyBuilder('differs');
  const merged = builder.stream('A', serdes).merge(builder.stream('B', serdes));
  const windows = merged.groupByKey().windowedBy(tumbling(10, { grace: 0 }));
  windows.count({ name: 'counts', emit: onClose() }).toStream().to('out');
  await expectInEveryRunMode({
    topology: builder.build(),
    isFilled: true,
    // Taken: A 1, B 2, B 12, A 30, A 9. Were A read first, the 12 of B would be late.
    input: ['A/k@1', 'A/k@30', 'A/k@9', 'B/k@2', 'B/k@12'].map(recordOf),
    output: {
      out: [
        { key: { key: 'k', startMs: 0, endMs: 10 }, value: 2, timestamp: 2 },
        { key: { key: 'k', startMs: 10, endMs: 20 }, value: 1, timestamp: 12 },
      ],
    },
    drops: ['late'],
  });
});

it('differs/X8 periodic calls are made on the grid alone, and are told its time', () => {
  const calls: string[] = [];
  const builder = new TopologyBuilder('differs');
  builder.stream('in', serdes).process({
    name: 'ticking',
    create(context) {
      context.schedule({ every: 10, by: 'stream-time' }, ({ timeMs, missed }) => {
        calls.push(`${timeMs}, ${missed} missed`);
      });
      return { process: ({ timestamp }) => void calls.push(`@${timestamp}`) };
    },
  });
  play(builder.build(), 'k@3 k@9 k@12 k@47 k@50');
  expect(calls).toEqual([
    ...['@3', '@9', '10, 0 missed', '@12'],
    ...['40, 2 missed', '@47', '50, 0 missed', '@50'],
  ]);
});

it('differs/X9 suppress sends what is due before the record that makes it due', () => {
  const builder = new TopologyBuilder('differs');
  const table = builder.table('in', { name: 'rows', ...serdes });
  table.suppress({ name: 'calm', for: 10 }).toStream().to('out');
  expect(play(builder.build(), 'k:a@0 k:b@10 x:q@20').turns).toEqual(['', 'k=a@0', 'k=b@10']);
});

it('differs/X10 of a record whose error is dropped no effect remains', () => {
  const seen = keyValueStore({ name: 'seen', ...serdes });
  const builder = new TopologyBuilder('differs');
  const kept = builder.stream('in', serdes).process(
    {
      name: 'keeping',
      stores: [seen],
      create: (context: ProcessorContext<string, string>) => {
        const store = context.store(seen);
        return {
          process(record) {
            store.put(record.key ?? '', { value: record.value, timestamp: record.timestamp });
            context.forward({ ...record, key: record.key ?? '' });
          },
        };
      },
    },
    serdes,
  );
  kept.to('out');
  kept.peek((value) => {
    if (value === 'bad') throw new Error(value);
  });
  const { driver, turns, drops } = play(builder.build(), 'k:good@1 k:bad@2', {
    onError: () => 'drop',
  });
  expect(turns).toEqual(['k=good@1', '']);
  expect([driver.store('seen').get('k'), drops()]).toEqual(['good', ['processing']]);
});

it('differs/X11 null values and bad times are dropped; null keys go where their task is', () => {
  const builder = new TopologyBuilder('differs');
  const partitions: string[] = [];
  const spread = builder.stream('in', serdes).repartition({ name: 'spread' });
  spread.process({
    name: 'placed',
    create: ({ partition }) => ({
      process: ({ value }) => void partitions.push(`${value} in ${partition}`),
    }),
  });
  const driver = new TopologyTestDriver(builder.build(), { partitions: 3 });
  for (const partition of [2, 0, 1, 2]) {
    driver.send('in', { ...recordOf(`~:of-${partition}@5`), partition });
  }
  expect(partitions).toEqual(['of-2 in 2', 'of-0 in 0', 'of-1 in 1', 'of-2 in 2']);
  driver.send('in', recordOf('k:~@6'));
  driver.send('in', recordOf('k:x@-1'));
  driver.send('in', recordOf('k:y@6'));
  expect(driver.drops().map(({ reason }) => reason)).toEqual(['null-value', 'invalid-timestamp']);
  expect(partitions.at(-1)).toContain('y in');
});
