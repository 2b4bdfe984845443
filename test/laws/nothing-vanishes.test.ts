import { expect, it } from 'vitest';
import {
  type DeadLetterDrops,
  json,
  LogError,
  onUpdate,
  string,
  type Topology,
  TopologyBuilder,
  tumbling,
} from '../../src/index.ts';
import { Workshop } from '../support/workshop.ts';

function pickyTopology(deadLetter?: string, deadLetterDrops: DeadLetterDrops = []): Topology {
  const builder = new TopologyBuilder('app', {
    breaker: 'off',
    deadLetterDrops,
    ...(deadLetter === undefined ? {} : { deadLetter }),
  });
  builder
    .stream('in', {
      key: string(),
      value: json<string>(),
      onError: deadLetter === undefined ? 'drop' : 'dead-letter',
    })
    .groupByKey()
    .windowedBy(tumbling(10, { grace: 0 }))
    .count({ name: 'counts', emit: onUpdate() })
    .toStream()
    .to('out');
  return builder.build();
}

const hourMs = 3_600_000;

/** One of each kind; stream time is 20 when the fourth comes. */
const records = [
  { key: 'a', value: '"x"', timestamp: 1 },
  { key: null, value: '"x"', timestamp: 2 },
  { key: 'a', value: '"x"', timestamp: 20 },
  { key: 'a', value: '"x"', timestamp: 3 },
  { key: 'a', value: null, timestamp: 21 },
  { key: 'a', value: 'no json', timestamp: 22 },
  { key: 'a', value: '"x"', timestamp: -5 },
  { key: 'a', value: '"x"', timestamp: 9 * hourMs },
  { key: 'a', value: '"x"', timestamp: 23 },
];
const expected = {
  'null-key': 1,
  late: 1,
  'null-value': 1,
  deserialization: 1,
  'invalid-timestamp': 1,
  future: 1,
};

it('a record that gives no result is counted and told under its reason and place', async () => {
  const workshop = new Workshop();
  await workshop.feed('in', records);
  const told: [string, number | null][] = [];
  const worker = await workshop.start(pickyTopology(), {
    onDropped: (reason, _record, { topic, offset }) => {
      expect(topic).toBe('in');
      told.push([reason, offset]);
    },
  });
  await workshop.until(worker.caughtUp());
  const { dropped } = worker.status();
  expect(dropped).toEqual(expected);
  expect(told).toEqual([
    ['null-key', 1],
    ['late', 3],
    ['null-value', 4],
    ['deserialization', 5],
    ['invalid-timestamp', 6],
    ['future', 7],
  ]);
  const drops = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  expect((await workshop.read('out')).length + drops).toBe(records.length);
});

it('a dead letter is committed with the offset of its record, once, and says why', async () => {
  const workshop = new Workshop();
  await workshop.feed('in', records);
  let commits = 0;
  const worker = await workshop.start(pickyTopology('dead'), {
    intercept: async ({ api }, go) => {
      if (api !== 'commit') return go();
      commits += 1;
      if (commits > 1) return go();
      throw new LogError('abort-and-reinitialise', 'REQUEST_TIMED_OUT', 'No answer.');
    },
  });
  await workshop.until(worker.caughtUp());
  expect(worker.status().recoveries).toBe(1);
  expect(await workshop.values('dead')).toEqual(['no json']);
  const reader = workshop.log.openReader({ isolation: 'read-committed' });
  const options = { maxWaitMs: 0, maxPartitionBytes: 1024 };
  const places = [{ topic: 'dead', partition: 0, offset: 0 }];
  const [fetched] = await reader.fetch(places, options);
  const headers = fetched?.batches[0]?.headers(0);
  const textOf = (name: string) => headers?.get(`millrace.error.${name}`)?.toString();
  expect(textOf('code')).toBe('DESERIALIZATION');
  expect(textOf('topic')).toBe('in');
  expect(textOf('offset')).toBe('5');
});

it('dropped records are dead letters too where that is asked for, each once', async () => {
  const workshop = new Workshop();
  await workshop.feed('in', records);
  let commits = 0;
  const worker = await workshop.start(pickyTopology('dead', 'all'), {
    intercept: async ({ api }, go) => {
      if (api !== 'commit') return go();
      commits += 1;
      if (commits > 1) return go();
      throw new LogError('abort-and-reinitialise', 'REQUEST_TIMED_OUT', 'No answer.');
    },
  });
  await workshop.until(worker.caughtUp());
  expect(worker.status().recoveries).toBe(1);
  const results = await workshop.read('out');
  const letters = await workshop.read('dead');
  expect(results.length + letters.length).toBe(records.length);
});
