import fc from 'fast-check';
import { expect, it } from 'vitest';
import { json, onUpdate, string } from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { viewCounts } from '../../src/topologies/view-counts.ts';
import { propertyOptions } from '../support/property-options.ts';
import { play, readPlain, stepsOf } from '../support/steps.ts';

const SIZE_MS = 10;
/** No view of the input is late: the counts are those of the whole input. */
const GRACE_MS = 100;
const N = 2;

interface View {
  readonly page: string;
  readonly user: string;
}

interface Sent {
  readonly topic: string;
  readonly key: string;
  readonly value: View;
  readonly timestamp: number;
}

const someView = fc.record({
  key: fc.constant('any'),
  value: fc.record({
    page: fc.constantFrom('/a', '/b', '/c'),
    user: fc.constantFrom('ann', 'bob', 'eve'),
  }),
  timestamp: fc.nat(40),
});
const steps = stepsOf<Sent>(someView.map((view) => ({ topic: 'views', ...view })));
const topology = viewCounts({
  events: { topic: 'views', key: string(), value: json<View>() },
  item: { of: ({ page }) => page, key: string() },
  window: SIZE_MS,
  grace: GRACE_MS,
  final: 'final',
  live: { topic: 'live' },
  total: { topic: 'total', emit: onUpdate() },
  viewers: { topic: 'viewers', of: ({ user }) => user },
  top: { topic: 'top', n: N, slack: 0 },
});

interface Timed {
  readonly value: View;
  readonly timestamp: number;
}

/** For each window and page: all its views, and its different users. */
function naiveWindows(views: readonly Timed[]) {
  const startOf = ({ timestamp }: Timed) => Math.floor(timestamp / SIZE_MS) * SIZE_MS;
  const starts = [...new Set(views.map(startOf))].sort((a, b) => a - b);
  return starts.map((startMs) => {
    const inside = views.filter((view) => startOf(view) === startMs);
    const pages = [...new Set(inside.map(({ value }) => value.page))].sort().map((page) => {
      const own = inside.filter(({ value }) => value.page === page);
      return { page, views: own.length, users: new Set(own.map(({ value }) => value.user)).size };
    });
    return { startMs, pages };
  });
}

it('counts, viewers, totals and lists are those of the whole input, whatever happens', () => {
  const law = fc.property(steps, (run) => {
    const driver = new TopologyTestDriver(topology, { commit: 'manual' });
    // The first closes the windows of the input, the second the lists.
    const end = [1_000, 2_000].map((timestamp) => {
      const value = { page: '/end', user: 'end' };
      return { kind: 'record', record: { topic: 'views', key: 'any', value, timestamp } } as const;
    });
    const sent = play(driver, [...run, ...end]).sent.slice(0, -end.length);
    const windows = naiveWindows(sent);
    const rows = (topic: string) =>
      readPlain(driver, topic)
        .map(({ key, value }) => {
          const { key: page, startMs } = key as { key: string; startMs: number }; // a window's
          return [startMs, page, value] as const;
        })
        .filter(([startMs]) => startMs < 1_000);
    const counts = windows.flatMap(({ startMs, pages }) =>
      pages.map(({ page, views }) => [startMs, page, views]),
    );
    expect(rows('final')).toEqual(counts);
    const live = new Map(rows('live').map((row) => [`${row[0]} ${row[1]}`, row]));
    expect([...live.values()].sort((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : 1))).toEqual(
      counts,
    );
    expect(rows('viewers')).toEqual(
      windows.flatMap(({ startMs, pages }) =>
        pages.map(({ page, users }) => [startMs, page, users]),
      ),
    );
    const total = new Map(readPlain(driver, 'total').map(({ key, value }) => [key, value]));
    for (const page of ['/a', '/b', '/c']) {
      const own = sent.filter(({ value }) => value.page === page).length;
      expect(total.get(page) ?? 0).toBe(own);
    }
    expect(rows('top').map(([startMs, , list]) => [startMs, list])).toEqual(
      windows.map(({ startMs, pages }) => {
        // They are in the order of their names, and sorting is stable.
        const best = [...pages].sort((a, b) => b.views - a.views).slice(0, N);
        return [startMs, best.map(({ page, views }) => ({ value: page, score: views }))];
      }),
    );
  });
  fc.assert(law, propertyOptions(100));
});
