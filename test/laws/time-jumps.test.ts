import { describe, expect, it } from 'vitest';
import {
  calendar,
  every,
  hopping,
  type KStream,
  noHeaders,
  onClose,
  type Processor,
  type ProcessorContext,
  session,
  sliding,
  string,
  TopologyBuilder,
  tumbling,
} from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { countedTopology, type Work } from '../support/counted-work.ts';

const serdes = { key: string(), value: string() };
/** Records of one key are so far apart; nothing closes while they come. */
const distanceMs = 100;
const graceMs = 1_000_000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const yearMs = 365 * dayMs;
const options = { name: 'own', emit: onClose() } as const;

type Stream = KStream<string | null, string>;
type AnyStream = KStream<unknown, unknown>;
type TickContext = ProcessorContext<string | null, string>;

/** What an operator still owes after `count` records, when time has gone far enough. */
interface Owing {
  readonly define: (stream: Stream, builder: TopologyBuilder) => { to(topic: string): void };
  readonly results: (count: number) => number;
}

const each = (count: number) => count;
const grouped = (stream: Stream) => stream.groupByKey();

const operators: Readonly<Record<string, Owing>> = {
  'tumbling windows': {
    define: (stream) =>
      grouped(stream)
        .windowedBy(tumbling(10, { grace: graceMs }))
        .count(options)
        .toStream(),
    results: each,
  },
  'hopping windows': {
    define: (stream) =>
      grouped(stream)
        .windowedBy(hopping(20, { every: 5, grace: graceMs }))
        .count(options)
        .toStream(),
    // Each record is in four of them, the very first only in the one that begins at 0.
    results: (count) => 4 * (count - 1) + 1,
  },
  'calendar windows': {
    define: (stream) =>
      grouped(stream)
        .windowedBy(calendar('day', { zone: 'Europe/Berlin', grace: graceMs }))
        .count(options)
        .toStream(),
    results: () => 1,
  },
  'session windows': {
    define: (stream) =>
      grouped(stream)
        .windowedBy(session(10, { grace: graceMs }))
        .count(options)
        .toStream(),
    results: each,
  },
  'sliding windows': {
    define: (stream) =>
      grouped(stream)
        .windowedBy(sliding(10, { grace: graceMs }))
        .count(options)
        .toStream(),
    results: each,
  },
  'suppress until the close': {
    define: (stream) =>
      grouped(stream)
        .windowedBy(tumbling(10, { grace: graceMs }))
        .count({ name: 'own' })
        .suppress({ name: 'final', until: 'close' })
        .toStream(),
    results: each,
  },
  'a left join of streams': {
    define: (stream, builder) =>
      stream.leftJoin(builder.stream('other', serdes), (left) => left, {
        name: 'own',
        before: 10,
        after: 10,
        grace: graceMs,
        value: string(),
      }),
    results: each,
  },
  delay: { define: (stream) => stream.delay(graceMs, { name: 'own' }), results: each },
  'pattern, runs': {
    define(stream) {
      const timeouts: AnyStream[] = [];
      stream.pattern({
        name: 'own',
        steps: [
          { as: 'a', where: () => true },
          { as: 'b', where: () => false },
        ],
        within: graceMs,
        maxRuns: 10_000,
        timedOut: (runs) => timeouts.push(runs.mapValues(() => 'over', { value: string() })),
      });
      return timeouts[0] as KStream<string, string>; // pushed above
    },
    results: each,
  },
  'pattern, waiting events': {
    define: (stream) =>
      stream.pattern({
        name: 'own',
        steps: [{ as: 'a', where: () => true }],
        within: 0,
        grace: graceMs,
      }),
    results: each,
  },
  'every()': {
    define: (stream) =>
      grouped(stream)
        .count({ name: 'own', emit: every(graceMs) })
        .toStream(),
    results: () => 1,
  },
  'a periodic schedule': {
    define: (stream) => {
      const create = (context: TickContext): Processor<unknown, unknown> => {
        const value = 'tick';
        context.schedule({ every: graceMs, by: 'stream-time' }, ({ timeMs: timestamp }) =>
          context.forward({ key: null, value, timestamp, headers: noHeaders }),
        );
        return { process: () => undefined };
      };
      return stream.process({ name: 'own', create }, serdes);
    },
    // Only the last of those it has passed: the others are told as a number.
    results: () => 1,
  },
};

/** Feeds `count` records, then lets time go on in the steps given, by records that are filtered. */
function play({ define }: Owing, count: number, steps: readonly number[]) {
  const builder = new TopologyBuilder('app');
  const source = { ...serdes, maxFuture: 'off' } as const;
  const stream = builder.stream('in', source).filter((value) => value !== 'time');
  define(stream, builder).to('out');
  const { topology, work } = countedTopology(builder.build());
  const driver = new TopologyTestDriver(topology);
  for (let index = 0; index < count; index += 1) {
    driver.send('in', { key: 'k', value: 'v', timestamp: index * distanceMs });
  }
  expect(driver.read('out')).toEqual([]);
  Object.assign(work, { timers: 0, rows: 0, scans: 0 } satisfies Work);
  for (const timestamp of steps) driver.send('in', { key: 'k', value: 'time', timestamp });
  return { results: driver.read('out'), drops: driver.dropped(), work };
}

/** Beyond the close of all windows: that of a calendar day comes last. */
const farMs = 2 * dayMs;
const total = ({ timers, rows, scans }: Work) => timers + rows + scans;

describe.each(Object.entries(operators))('%s', (name, operator) => {
  const isThinned = name === 'a periodic schedule';

  it('a jump of a year loses nothing and tells each thing once', () => {
    const { results, drops } = play(operator, 40, [yearMs]);
    expect(results).toHaveLength(operator.results(40));
    const told = results.map(({ key, value, timestamp }) => [key, value, timestamp]);
    if (name.includes('windows')) {
      const windows = new Set(results.map(({ key }) => JSON.stringify(key)));
      expect(windows.size).toBe(told.length);
    }
    expect(drops).toBe(0);
  });

  it.skipIf(isThinned)('one jump gives what many steps give', () => {
    const stepMs = 377_777;
    const steps = Array.from({ length: farMs / stepMs }, (_, step) => graceMs / 2 + step * stepMs);
    const one = play(operator, 40, [yearMs]);
    const many = play(operator, 40, [...steps, yearMs]);
    expect(many.results).toEqual(one.results);
  });

  it('the work of a jump does not depend on how far it goes', () => {
    const [day, ...others] = [farMs, yearMs, 1000 * yearMs].map(
      (jumpMs) => play(operator, 40, [jumpMs]).work,
    );
    expect(others).toEqual([day, day]);
  });

  it('the work of a jump is in proportion to what is open', () => {
    const { results } = operator;
    const [few, some, more] = [40, 80, 440].map((count) =>
      total(play(operator, count, [yearMs]).work),
    ) as [number, number, number];
    const added = results(80) - results(40);
    const growth = added === 0 ? 0 : (results(440) - results(80)) / added;
    expect(few).toBeGreaterThan(0);
    // Of what is added: the first few may cost less than those behind them.
    expect(more - some).toBeLessThanOrEqual(growth * (some - few) + 10);
  });

  it('after a jump nothing is left to do', () => {
    const once = play(operator, 40, [yearMs]);
    const twice = play(operator, 40, [yearMs, 2 * yearMs]);
    if (isThinned) return expect(twice.work.timers).toBe(2 * once.work.timers);
    expect(twice).toEqual(once);
  });
});
