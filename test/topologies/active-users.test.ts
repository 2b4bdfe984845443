import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  json,
  onUpdate,
  string,
  TopologyBuilder,
  type Windowed,
  type StreamRecord,
} from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import {
  type ActiveUserCount,
  activeUserRows,
  activeUsers,
  activeUsersTopology,
  countActiveUsers,
  type CountActiveUsersOptions,
  type Period,
  type ProductEvent,
} from '../../src/topologies/active-users.ts';
import { expectInEveryRunMode } from '../support/expect-in-every-run-mode.ts';
import { propertyOptions } from '../support/property-options.ts';
import { sharedData } from '../support/shared-data.ts';
import { play, stepsOf } from '../support/steps.ts';
import { dateIn, endOfPeriod, firstDate } from './active-users/naive-periods.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const periods: readonly Period[] = ['day', 'week', 'month'];

function eventOf(user: string | null, type = 'view'): ProductEvent {
  const context = { ip: null, userAgent: null, locale: null, page: null, referrer: null };
  const ids = { id: '1', userId: user, anonymousId: null, sessionId: null };
  return { ...ids, type, timestampMs: 0, context, properties: {} };
}

/** Final counts on the topic `final`, growing ones on `live`. */
function topologyOf(options: CountActiveUsersOptions<ProductEvent>) {
  const events = { topic: 'in', key: string(), value: json<ProductEvent>() };
  const live = { topic: 'live', emit: onUpdate() };
  return activeUsers({ ...options, events, final: 'final', live });
}

type CountRecord = StreamRecord<Windowed<string>, ActiveUserCount>;

/** The last count of each period, as `day 2024-03-10 view: 3`. */
function lastCounts(records: readonly CountRecord[], zone: string): readonly string[] {
  const last = new Map<string, number>();
  for (const { value } of records) {
    const { period, by, startMs, users } = value ?? { period: 'day', by: '', startMs: 0, users: 0 };
    last.set(`${period} ${dateIn(zone)(startMs)} ${by}`, users);
  }
  return [...last].map(([name, users]) => `${name}: ${users}`).sort();
}

interface Visit {
  readonly user: string;
  readonly type: string;
  readonly timestamp: number;
  readonly partition: number;
}

/** Counts users by sets, of the visits whose period is open in their own partition. */
function recount(visits: readonly Visit[], zone: string, graceMs: number): readonly string[] {
  const users = new Map<string, Set<string>>();
  const streamTimes = new Map<number, number>();
  for (const { user, type, timestamp, partition } of visits) {
    const streamTimeMs = Math.max(streamTimes.get(partition) ?? 0, timestamp);
    streamTimes.set(partition, streamTimeMs);
    for (const period of periods) {
      if (streamTimeMs >= endOfPeriod(period, zone, timestamp) + graceMs) continue;
      const name = `${period} ${firstDate(period, dateIn(zone)(timestamp))} ${type}`;
      users.set(name, (users.get(name) ?? new Set()).add(user));
    }
  }
  return [...users].map(([name, set]) => `${name}: ${set.size}`).sort();
}

describe('the counts of any visits, under commits and crashes', () => {
  const graceMs = 6 * hourMs;
  // Around a day of 23 hours, one of 25, and the quarter of an hour that Kathmandu once skipped.
  const around = {
    'America/New_York': [Date.UTC(2024, 2, 10, 5), Date.UTC(2024, 10, 3, 4)],
    'Asia/Kathmandu': [Date.UTC(1985, 11, 31, 18), Date.UTC(2024, 2, 31, 18, 15)],
  };
  const places = Object.entries(around).flatMap(([zone, times]) =>
    times.map((time) => ({ zone, time })),
  );
  const visit = (time: number): fc.Arbitrary<Visit> =>
    fc.record({
      user: fc.constantFrom('a', 'b', 'c'),
      type: fc.constantFrom('view', 'search'),
      // Hours and an edge, so that visits fall on both sides of midnight.
      timestamp: fc
        .tuple(fc.integer({ min: -40, max: 40 }), fc.constantFrom(0, -1, 900_000))
        .map(([hours, edgeMs]) => time + hours * hourMs + edgeMs),
      partition: fc.nat(1),
    });

  it.each(['exact', 'approximate'] as const)('%s, are those of a recount', (distinct) => {
    const law = fc.property(
      fc
        .constantFrom(...places)
        .chain(({ zone, time }) =>
          fc.record({ zone: fc.constant(zone), steps: stepsOf(visit(time), 20) }),
        ),
      ({ zone, steps }) => {
        const by = ({ type }: ProductEvent) => type;
        const topology = topologyOf({ zone, grace: graceMs, skew: '20d', by, distinct });
        const driver = new TopologyTestDriver(topology, { partitions: 2, commit: 'manual' });
        const played = steps.map((step) => {
          if (step.kind !== 'record') return step;
          const { user, type, timestamp, partition } = step.record;
          const record = { key: null, value: eventOf(user, type), timestamp, partition };
          return { ...step, record };
        });
        const { dropped } = play(driver, played);
        const visits = steps.flatMap((step) => (step.kind === 'record' ? [step.record] : []));
        const expected = recount(visits, zone, graceMs);
        expect(lastCounts(driver.read('live'), zone)).toEqual(expected);
        expect(dropped.every((reason) => reason === 'late')).toBe(true);
        expect(driver.read('final')).toEqual([]);
        // A visit far in the future closes all.
        const timestamp = Date.UTC(2030, 0, 1);
        for (const type of ['view', 'search']) {
          play(driver, [
            { kind: 'record', record: { key: null, value: eventOf('z', type), timestamp } },
          ]);
        }
        expect(lastCounts(driver.read('final'), zone)).toEqual(expected);
      },
    );
    fc.assert(law, propertyOptions(40));
  });
});

it('counts a user once, by day, week and month, in every run mode', () => {
  const day = (number: number, hour = 12) => Date.UTC(2024, 6, number, hour);
  const visit = (userId: string | null, timestamp: number) => {
    return { topic: 'in', key: null, value: eventOf(userId), timestamp };
  };
  const row = (period: Period, days: readonly number[], users: number, timestamp: number) => {
    const [startMs = 0, endMs = 0] = days.map((number) => day(number, 0));
    const key = { key: 'all', startMs, endMs };
    return { key, value: { period, by: 'all', startMs, endMs, users }, timestamp };
  };
  return expectInEveryRunMode({
    topology: activeUsers({
      events: { topic: 'in', key: string(), value: json<ProductEvent>() },
      zone: 'UTC',
      grace: '2h',
      skew: 0,
      final: 'final',
    }),
    // The 6th of July 2024 is a Saturday.
    input: [
      visit('ann', day(6)),
      visit('ann', day(6, 13)),
      visit(null, day(6, 13)),
      visit('bob', day(7)),
      visit('cid', day(7)),
      visit('ann', day(8, 1)),
      visit('cid', day(7, 23)),
      visit('dan', day(7, 23)),
      visit('ann', day(8, 2)),
      visit('eve', day(7, 23)),
      visit('ann', day(9, 2)),
      visit('ann', day(40)),
    ],
    output: {
      final: [
        row('day', [6, 7], 1, day(6)),
        row('day', [7, 8], 3, day(7, 23)),
        row('week', [1, 8], 4, day(7, 23)),
        row('day', [8, 9], 1, day(8, 1)),
        row('day', [9, 10], 1, day(9, 2)),
        row('week', [8, 15], 1, day(8, 1)),
        row('month', [1, 32], 5, day(7, 23)),
      ],
    },
    drops: ['null-key'],
  });
});

it('an event whose periods have all closed is dropped as late', () => {
  const driver = new TopologyTestDriver(topologyOf({ zone: 'UTC', grace: '1h', periods: ['day'] }));
  const at = (timestamp: number) => ({ value: eventOf('ann'), timestamp });
  driver.send('in', [at(dayMs), at(dayMs - 1), at(dayMs + hourMs), at(dayMs - 1)]);
  expect(driver.dropped('late')).toBe(1);
  expect(lastCounts(driver.read('live'), 'UTC')).toEqual([
    'day 1970-01-01 all: 1',
    'day 1970-01-02 all: 1',
  ]);
});

describe('tasks that are read far apart', () => {
  const visits = [
    { user: 'ann', timestamp: 5 * dayMs, partition: 0 },
    { user: 'ann', timestamp: 2 * dayMs, partition: 1 },
  ];
  const options = { zone: 'UTC', grace: '1h', periods: ['day'] } as const;
  function driven(skew: '1d' | '3d', distinct: 'exact' | 'approximate') {
    const topology = topologyOf({ ...options, skew, distinct });
    const driver = new TopologyTestDriver(topology, { partitions: 2 });
    for (const { user, timestamp, partition } of visits) {
      driver.send('in', { value: eventOf(user), timestamp, partition });
    }
    return driver;
  }

  it.each(['exact', 'approximate'] as const)('lose nothing within the skew: %s', (distinct) => {
    const driver = driven('3d', distinct);
    expect(driver.dropped()).toBe(0);
    expect(lastCounts(driver.read('live'), 'UTC')).toEqual([
      'day 1970-01-03 all: 1',
      'day 1970-01-06 all: 1',
    ]);
  });

  it.each(['exact', 'approximate'] as const)('show what they lose beyond it: %s', (distinct) => {
    const driver = driven('1d', distinct);
    expect(driver.dropped('late')).toBe(1);
    expect(lastCounts(driver.read('live'), 'UTC')).toEqual(['day 1970-01-06 all: 1']);
  });
});

it('keeps a row per user only while the period is open', () => {
  const topology = topologyOf({ zone: 'UTC', grace: 0, skew: 0, periods: ['day'] });
  const driver = new TopologyTestDriver(topology);
  const users = Array.from({ length: 50 }, (_, index) => `user ${index}`);
  driver.send(
    'in',
    users.map((user) => ({ value: eventOf(user), timestamp: 5 })),
  );
  const rows = () => driver.store('active-users-seen').entries().length;
  expect(rows()).toBe(50);
  driver.send('in', { value: eventOf('ann'), timestamp: dayMs });
  expect(rows()).toBe(1);
});

it('approximate counts of many users are within three standard errors', () => {
  const driver = new TopologyTestDriver(
    topologyOf({ zone: 'UTC', grace: 0, periods: ['day'], distinct: 'approximate' }),
    { checks: 'off', partitions: 4 },
  );
  const count = 20_000;
  const visits = Array.from({ length: count }, (_, index) => {
    return { value: eventOf(`user ${index}`), timestamp: 5, partition: index % 4 };
  });
  driver.send('in', visits);
  const live = driver.read<Windowed<string>, ActiveUserCount>('live');
  const users = live.at(-1)?.value?.users ?? 0;
  expect(Math.abs(users - count) / count).toBeLessThan(3 * 0.0041);
});

it('gives a table for each period asked for, and no other', () => {
  const builder = new TopologyBuilder('tables');
  const events = builder.stream('in', { key: string(), value: json<ProductEvent>() });
  const users = countActiveUsers(events, { zone: 'UTC', grace: 0, periods: ['month', 'day'] });
  expect(Object.keys(users)).toEqual(['daily', 'monthly']);
  activeUserRows(users).to('out');
  const stores = builder
    .build()
    .nodes.flatMap((node) => (node.type === 'operator' ? node.stores : []));
  expect(stores.map(({ name }) => name)).toEqual([
    'active-users-seen',
    'active-users-daily',
    'active-users-monthly',
  ]);
});

it('refuses no periods and unknown zones', () => {
  const events = { topic: 'in', key: string(), value: json<ProductEvent>() };
  const rest = { events, grace: 0, final: 'final' };
  const thrown = (code: string) => expect.objectContaining({ code }) as Error;
  expect(() => activeUsers({ ...rest, zone: 'Mars/Olympus' })).toThrow(thrown('BAD_WINDOW'));
  expect(() => activeUsers({ ...rest, zone: 'UTC', periods: [] })).toThrow(thrown('BAD_OPTION'));
});

it('runs by settings alone', async () => {
  const topology = await activeUsersTopology.build({
    input: 'in',
    final: 'out',
    periods: 'day',
    skew: '0',
  });
  const driver = new TopologyTestDriver(topology);
  const key = Buffer.from([255]);
  const at = (timestampMs: number) => {
    return { key, value: { ...eventOf('ann'), timestampMs }, timestamp: 1 };
  };
  driver.send('in', [at(5), at(3 * dayMs)]);
  expect(lastCounts(driver.read('out'), 'UTC')).toEqual(['day 1970-01-01 all: 1']);
  expect(() => activeUsersTopology.build({ input: 'in', final: 'out', periods: 'year' })).toThrow(
    'none of day, week, month',
  );
});

const accessLog = sharedData('access.log');

describe.skipIf(accessLog === null)('a real access log', () => {
  interface Line {
    readonly visitor: string;
    readonly timestamp: number;
  }
  const months = 'JanFebMarAprMayJunJulAugSepOctNovDec';
  const line = /^(\S+) .*\[(\d\d)\/(\w{3})\/(\d{4}):([\d:]{8}) \+0000\] .* "([^"]*)"$/;
  const lines = (): readonly Line[] =>
    readFileSync(accessLog ?? '', 'utf8')
      .split('\n')
      .flatMap((text) => {
        const match = line.exec(text);
        if (match === null) return [];
        const [, address = '', day = '', month = '', year = '', time = '', agent = ''] = match;
        const number = String(months.indexOf(month) / 3 + 1).padStart(2, '0');
        const timestamp = Date.parse(`${year}-${number}-${day}T${time}Z`);
        return [{ visitor: `${address} ${agent}`, timestamp }];
      });

  function counted(zone: string, distinct: 'exact' | 'approximate', partitions: number) {
    const topology = topologyOf({ zone, grace: '1 minute', skew: '7d', distinct });
    const driver = new TopologyTestDriver(topology, { partitions, checks: 'off' });
    driver.send(
      'in',
      lines().map(({ visitor, timestamp }, index) => {
        return { value: eventOf(visitor), timestamp, partition: index % partitions };
      }),
    );
    expect(driver.dropped()).toBe(0);
    return lastCounts(driver.read('live'), zone);
  }

  it('has the daily visitors that were counted by hand, in any number of partitions', () => {
    const known = [304, 539, 526, 457].map((users, at) => `day 2015-05-${17 + at} all: ${users}`);
    for (const partitions of [1, 3]) {
      const counts = counted('UTC', 'exact', partitions);
      expect(counts.filter((count) => count.startsWith('day'))).toEqual(known);
      expect(counts).toContain('month 2015-05-01 all: 1592');
    }
  });

  it.each(['UTC', 'America/New_York', 'Asia/Kathmandu'])('equals a recount in %s', (zone) => {
    const visits = lines().map(({ visitor, timestamp }) => {
      return { user: visitor, type: 'all', timestamp, partition: 0 };
    });
    const naive = new Map<string, Set<string>>();
    for (const { user, timestamp } of visits) {
      for (const period of periods) {
        const name = `${period} ${firstDate(period, dateIn(zone)(timestamp))} all`;
        naive.set(name, (naive.get(name) ?? new Set()).add(user));
      }
    }
    const expected = [...naive].map(([name, users]) => `${name}: ${users.size}`).sort();
    expect(counted(zone, 'exact', 1)).toEqual(expected);
    const approximate = counted(zone, 'approximate', 1);
    approximate.forEach((text, at) => {
      const [users, exact] = [text, expected[at] ?? ''].map((one) => Number(one.split(': ')[1]));
      expect(Math.abs((users ?? 0) / (exact ?? 0) - 1)).toBeLessThan(0.02);
    });
  });
});
