import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  hopping,
  string,
  type SuppressForOptions,
  TopologyBuilder,
  tumbling,
} from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { propertyOptions } from '../support/property-options.ts';
import { commitsOf, play, readPlain, stepsOf } from '../support/steps.ts';
import { aggregator, folds, sentRecord } from './aggregation-arbitraries.ts';
import type { NaiveAggregation, Window } from './naive-aggregation.ts';
import { rowsEmitted } from './naive-emission.ts';

interface Update {
  readonly key: string;
  readonly value: string | null;
  readonly timestamp: number;
}

/** A key's changes since it was told of last: the least that tells when and what to say. */
interface Waiting {
  readonly first: Update;
  readonly last: Update;
}

const FOR_MS = 7;

// Few keys and instants, so that changes fold, meet at one time, and fill the bound.
const update = fc.record({
  key: fc.constantFrom('a', 'b', 'c'),
  value: fc.constantFrom('x', 'y', null),
  timestamp: fc.nat(40),
});

/** The definition over lists: what is due leaves by (time, key), then the record is taken. */
function foldedChanges(sent: readonly Update[], maxKeys: number): readonly Update[] {
  const out: Update[] = [];
  let waiting: readonly Waiting[] = [];
  const tell = (one: Waiting) => {
    waiting = waiting.filter((other) => other !== one);
    const told = out.findLast(({ key }) => key === one.last.key);
    if (one.last.value !== null || (told?.value ?? null) !== null) out.push(one.last);
  };
  const tellDue = (streamTime: number) => {
    const due = waiting.filter(({ first }) => first.timestamp + FOR_MS <= streamTime);
    const inOrder = due.toSorted(
      (a, b) => a.first.timestamp - b.first.timestamp || (a.first.key < b.first.key ? -1 : 1),
    );
    inOrder.forEach(tell);
  };
  sent.forEach((change, index) => {
    const streamTime = Math.max(...sent.slice(0, index + 1).map(({ timestamp }) => timestamp));
    tellDue(streamTime);
    const before = sent.slice(0, index).findLast(({ key }) => key === change.key);
    // A delete of nothing is no change.
    if (change.value !== null || (before?.value ?? null) !== null) {
      const own = waiting.find(({ first }) => first.key === change.key);
      const [oldest] = waiting;
      if (own === undefined && oldest !== undefined && waiting.length === maxKeys) tell(oldest);
      const folded = { first: own?.first ?? change, last: change };
      waiting =
        own === undefined
          ? [...waiting, folded]
          : waiting.map((other) => (other === own ? folded : other));
    }
    tellDue(streamTime);
  });
  return out;
}

const bounds: readonly { maxKeys: number; options: Partial<SuppressForOptions> }[] = [
  { maxKeys: Infinity, options: {} },
  { maxKeys: 2, options: { maxKeys: 2, whenFull: 'emit-oldest' } },
  { maxKeys: 1, options: { maxKeys: 1, whenFull: 'emit-oldest' } },
];

it.each(bounds)('for a time it folds by its definition, at most $maxKeys keys', (bound) => {
  const builder = new TopologyBuilder('property');
  builder
    .table('in', { name: 'rows', key: string(), value: string(), maxFuture: 'off' })
    .suppress({ name: 'calm', for: FOR_MS, ...bound.options })
    .toStream()
    .to('out');
  const topology = builder.build();
  const law = fc.property(stepsOf(update), (steps) => {
    const driver = new TopologyTestDriver(topology, { commit: 'manual' });
    const { sent } = play(driver, steps);
    expect(readPlain(driver, 'out')).toEqual(foldedChanges(sent, bound.maxKeys));
  });
  fc.assert(law, propertyOptions(50));
});

const GRACE_MS = 4;

const kinds = [
  { kind: 'tumbling', windows: tumbling(10, { grace: GRACE_MS }), everyMs: 10 },
  { kind: 'hopping', windows: hopping(10, { every: 4, grace: GRACE_MS }), everyMs: 4 },
] as const;

/** Every window there is, and of these the ones around the time. */
function windowsAt(everyMs: number) {
  return (timestamp: number): readonly Window[] => {
    const starts = Array.from({ length: 16 }, (_, index) => index * everyMs);
    return starts
      .filter((startMs) => startMs <= timestamp && timestamp < startMs + 10)
      .map((startMs) => ({ startMs, endMs: startMs + 10 }));
  };
}

it.each(kinds)('until the close of $kind windows it gives the rows of onClose', (given) => {
  const fold = folds.find(({ name }) => name === 'aggregate')?.fold ?? (() => null);
  const aggregation: NaiveAggregation = {
    fold,
    windowsAt: windowsAt(given.everyMs),
    graceMs: GRACE_MS,
  };
  const builder = new TopologyBuilder('property');
  builder
    .stream('in', { key: string(), value: string(), tombstones: 'keep', maxFuture: 'off' })
    .groupByKey()
    .windowedBy(given.windows)
    .aggregate({ name: 'rows', initializer: () => '', aggregator, value: string() })
    .suppress({ name: 'final', until: 'close' })
    .toStream()
    .to('out');
  const topology = builder.build();
  const law = fc.property(stepsOf(sentRecord), (steps) => {
    const driver = new TopologyTestDriver(topology, { commit: 'manual' });
    play(driver, steps);
    const expected = rowsEmitted('on-close', commitsOf(steps), aggregation);
    expect(readPlain(driver, 'out')).toEqual(
      expected.map(({ key, window, value, timestamp }) => ({
        key: { key, ...window },
        value,
        timestamp,
      })),
    );
  });
  fc.assert(law, propertyOptions(50));
});
