import { expect, it } from 'vitest';
import { every, json, onUpdate, type Ranked, string, TopologyBuilder } from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { viewCounts, viewCountsOf, viewCountsTopology } from '../../src/topologies/view-counts.ts';
import { expectInEveryRunMode } from '../support/expect-in-every-run-mode.ts';
import { eventOf } from './product-events.ts';

const view = (key: string | null, timestamp: number, value: unknown = { status: 200 }) => ({
  topic: 'views',
  key,
  value,
  timestamp,
});
const counted = (key: string, startMs: number, value: number, timestamp: number) => ({
  key: { key, startMs, endMs: startMs + 10 },
  value,
  timestamp,
});

it('counts views per item and window, once final, late ones dropped and counted', () =>
  expectInEveryRunMode({
    topology: viewCounts({
      events: { topic: 'views', key: string(), value: json<{ status: number }>() },
      isView: ({ status }) => status === 200,
      window: 10,
      grace: 5,
      final: 'final',
    }),
    input: [
      view('/a', 1),
      view('/a', 3, { status: 404 }),
      view('/b', 9),
      view('/a', 14),
      view('/a', 8),
      view(null, 14),
      view('/b', 15),
      view('/b', 2),
      view('/b', 40),
    ],
    output: {
      final: [
        counted('/a', 0, 2, 8),
        counted('/b', 0, 1, 9),
        counted('/a', 10, 1, 14),
        counted('/b', 10, 1, 15),
      ],
    },
    drops: ['null-key', 'late'],
  }));

it('needs no repartition where events are keyed by the item, and one where they are not', () => {
  const events = { topic: 'views', key: string(), value: json<{ page: string }>() };
  const rest = { window: 10, grace: 0, final: 'final' } as const;
  const keyed = viewCounts({ events, ...rest });
  expect(keyed.nodes.some(({ type }) => type === 'repartition')).toBe(false);
  const item = { of: (event: { page: string }) => event.page, key: string() };
  const byPage = viewCounts({ events, item, ...rest });
  expect(byPage.nodes.filter(({ type }) => type === 'repartition').map(({ name }) => name)).toEqual(
    ['by-item'],
  );
});

it('writes live counts by the policy it is given', () => {
  const topology = viewCounts({
    events: { topic: 'views', key: string(), value: json<unknown>() },
    window: 10,
    grace: 100,
    final: 'final',
    live: { topic: 'live', emit: every(5) },
  });
  const driver = new TopologyTestDriver(topology);
  driver.send('views', [view('/a', 1), view('/a', 2), view('/a', 5)]);
  expect(driver.read('live')).toMatchObject([counted('/a', 0, 2, 2)]);
  expect(driver.read('final')).toEqual([]);
});

const seen = (key: string, timestamp: number, user: string | null) =>
  view(key, timestamp, { status: 200, user });
const events = {
  topic: 'views',
  key: string(),
  value: json<{ status: number; user: string | null }>(),
};

it('counts different viewers per item and window, and all views since ever', () =>
  expectInEveryRunMode({
    topology: viewCounts({
      events,
      window: 10,
      grace: 5,
      final: 'final',
      total: { topic: 'total', emit: onUpdate() },
      viewers: { topic: 'viewers', of: ({ user }) => user },
    }),
    input: [
      seen('/a', 1, 'ann'),
      seen('/a', 2, 'bob'),
      seen('/a', 12, 'ann'),
      seen('/a', 3, 'ann'),
      seen('/b', 4, null),
      seen('/a', 25, 'ann'),
    ],
    output: {
      viewers: [counted('/a', 0, 2, 2), counted('/a', 10, 1, 12)],
      total: [
        { key: '/a', value: 1, timestamp: 1 },
        { key: '/a', value: 2, timestamp: 2 },
        { key: '/a', value: 3, timestamp: 12 },
        { key: '/a', value: 4, timestamp: 12 },
        { key: '/b', value: 1, timestamp: 4 },
        { key: '/a', value: 5, timestamp: 25 },
      ],
    },
    drops: ['null-value'],
  }));

it('lists the items of a window with the most views, of equal ones the lesser key', () =>
  expectInEveryRunMode({
    topology: viewCounts({
      events,
      window: 10,
      grace: 0,
      final: 'final',
      top: { topic: 'top', n: 2, slack: 0 },
    }),
    input: [
      seen('/c', 1, 'ann'),
      seen('/b', 2, 'ann'),
      seen('/d', 3, 'ann'),
      seen('/d', 4, 'bob'),
      seen('/a', 11, 'ann'),
      seen('/a', 25, 'ann'),
      seen('/a', 35, 'ann'),
    ],
    output: {
      top: [
        {
          key: { key: 'all', startMs: 0, endMs: 10 },
          value: [
            { value: '/d', score: 2 },
            { value: '/b', score: 1 },
          ],
          timestamp: 4,
        },
        {
          key: { key: 'all', startMs: 10, endMs: 20 },
          value: [{ value: '/a', score: 1 }],
          timestamp: 11,
        },
      ],
    },
    drops: [],
  }));

it('takes counts of partitions that are behind for the length of the slack', () => {
  const topology = viewCounts({
    events,
    window: 10,
    grace: 0,
    final: 'final',
    top: { topic: 'top', n: 2, slack: 20 },
  });
  const driver = new TopologyTestDriver(topology, { partitions: 2 });
  const send = (partition: number, key: string, timestamp: number) => {
    const { topic, ...record } = seen(key, timestamp, 'ann');
    driver.send(topic, { ...record, partition });
  };
  for (const timestamp of [1, 11, 21]) send(0, '/a', timestamp);
  send(1, '/b', 2);
  send(1, '/b', 12);
  for (const timestamp of [31, 41]) send(0, '/a', timestamp);
  const [first] = driver.read<unknown, readonly Ranked<string>[]>('top');
  expect(first?.value?.map(({ value }) => value)).toEqual(['/a', '/b']);
  for (const timestamp of [51, 61]) send(0, '/a', timestamp);
  expect(driver.dropped('late')).toBe(0);
  send(1, '/b', 22);
  expect(driver.dropped('late')).toBe(1);
});

it('counts the same events in two ways in one topology, under two names', () => {
  const builder = new TopologyBuilder('two');
  const all = builder.stream(events.topic, events);
  const rest = { window: 10, grace: 0 } as const;
  const item = { of: (event: { user: string | null }) => event.user, key: string() };
  const byPage = viewCountsOf(all, rest);
  byPage.final().to('by-page');
  byPage.top({ n: 1, slack: 0 }).to('top');
  viewCountsOf(all, { ...rest, item, name: 'users' })
    .final()
    .to('by-user');
  viewCountsOf(all, { ...rest, item, name: 'more' })
    .total()
    .to('more');
  const driver = new TopologyTestDriver(builder.build());
  driver.send('views', [seen('/a', 1, 'ann'), seen('/a', 2, 'bob'), seen('/a', 11, 'bob')]);
  expect(driver.read('by-page')).toMatchObject([counted('/a', 0, 2, 2)]);
  expect(driver.read('by-user')).toMatchObject([counted('ann', 0, 1, 1), counted('bob', 0, 1, 2)]);
});

it('by settings alone counts the page views of product events, whatever their keys', async () => {
  const given = { input: 'events', final: 'final', window: '10ms', grace: '0ms' };
  const more = { live: 'live', total: 'total', viewers: 'viewers', precision: '12', top: 'top' };
  const topology = await viewCountsTopology.build({ ...given, ...more, topSlack: '0' });
  const driver = new TopologyTestDriver(topology);
  const send = (page: string | null, timestampMs: number, type = 'page_view') => {
    const value = eventOf({ userId: 'ann', page, timestampMs, type });
    driver.send('events', { key: Buffer.from([255]), value, timestamp: 0 });
  };
  for (const at of [1, 2, 11]) send('/a', at);
  send('/a', 3, 'search');
  send(null, 12);
  send('/a', 23);
  expect(driver.read('final')).toMatchObject([counted('/a', 0, 2, 2), counted('/a', 10, 1, 11)]);
  expect(driver.read('viewers').map(({ value }) => value)).toEqual([1, 1]);
  expect(driver.read('total').at(-1)?.value).toBe(4);
  expect(driver.read('top').map(({ value }) => value)).toEqual([[{ value: '/a', score: 2 }]]);
  expect(driver.dropped('null-key')).toBe(1);
});

it('by settings alone makes nothing that is not asked for, and needs its topics', async () => {
  const topology = await viewCountsTopology.build({ input: 'a', final: 'b' });
  const outputs = topology.nodes.filter(({ type }) => type === 'sink');
  expect(outputs).toHaveLength(1);
  expect(() => viewCountsTopology.build({ input: 'a' })).toThrow(/needs --set final=<topic>/);
  const wrong = { input: 'a', final: 'b', top: 'c', topN: '10001' };
  expect(() => viewCountsTopology.build(wrong)).toThrow(/from 1 to 10/);
});
