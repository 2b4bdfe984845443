import { expect, it } from 'vitest';
import { every, json, string } from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { viewCounts } from '../../src/topologies/view-counts.ts';
import { expectInEveryRunMode } from '../support/expect-in-every-run-mode.ts';

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
