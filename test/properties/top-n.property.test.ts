import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { number, onClose, string, TopologyBuilder, tumbling } from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { propertyOptions } from '../support/property-options.ts';
import { play, readPlain, stepsOf } from '../support/steps.ts';
import { streamTimeAfter, verdictOn } from './naive-aggregation.ts';

const N = 2;
const GRACE_MS = 4;

interface Scored {
  readonly key: string;
  readonly value: string;
  readonly timestamp: number;
}

/** A value is a letter, which tells equal scores apart, and its score. */
const scored = fc.record({
  key: fc.constantFrom('a', 'b'),
  value: fc.constantFrom('p1', 'q1', 'p2', 'q2', 'p3', 'q4'),
  timestamp: fc.nat(40),
});
const scoreOf = (value: string) => Number(value.slice(1));

/** The best of the values, in order of arrival where they are equal: sorting is stable. */
function best(values: readonly string[]) {
  const sorted = values.toSorted((a, b) => scoreOf(b) - scoreOf(a));
  return sorted.slice(0, N).map((value) => ({ value, score: scoreOf(value) }));
}

/** The list after each record that enters it, with the greatest time of those that entered. */
function entering(arrived: readonly Scored[]) {
  let timestamp = -1;
  return arrived.flatMap((record, index) => {
    const values = arrived.slice(0, index).map(({ value }) => value);
    const noWorse = values.filter((value) => scoreOf(value) >= scoreOf(record.value));
    if (noWorse.length >= N) return [];
    timestamp = Math.max(timestamp, record.timestamp);
    return [{ index, value: best([...values, record.value]), timestamp }];
  });
}

function streamTopology(isWindowed: boolean) {
  const builder = new TopologyBuilder('property');
  const source = { key: string(), value: string(), maxFuture: 'off' } as const;
  const grouped = builder.stream('in', source).groupByKey();
  const options = { name: 'best', by: scoreOf };
  if (isWindowed) {
    const windows = grouped.windowedBy(tumbling(10, { grace: GRACE_MS }));
    windows
      .topN(N, { ...options, emit: onClose() })
      .toStream()
      .to('out');
  } else grouped.topN(N, options).toStream().to('out');
  return builder.build();
}

describe('of a stream', () => {
  it('the list is sorted anew from all records of the key', () => {
    const topology = streamTopology(false);
    const law = fc.property(stepsOf(scored), (steps) => {
      const driver = new TopologyTestDriver(topology, { commit: 'manual' });
      const { sent } = play(driver, steps);
      const expected = sent.flatMap(({ key }, index) => {
        const arrived = sent.slice(0, index + 1).filter((other) => other.key === key);
        const last = entering(arrived).at(-1);
        if (last?.index !== arrived.length - 1) return [];
        return [{ key, value: last.value, timestamp: last.timestamp }];
      });
      expect(readPlain(driver, 'out')).toEqual(expected);
    });
    fc.assert(law, propertyOptions(60));
  });

  it('each window tells its list at its close', () => {
    const topology = streamTopology(true);
    const windowsAt = (timestamp: number) => {
      const startMs = Math.floor(timestamp / 10) * 10;
      return [{ startMs, endMs: startMs + 10 }];
    };
    const law = fc.property(stepsOf(scored), (steps) => {
      const driver = new TopologyTestDriver(topology, { commit: 'manual' });
      const { sent } = play(driver, steps);
      const isIn = (startMs: number, { timestamp }: Scored) =>
        startMs <= timestamp && timestamp < startMs + 10;
      const definition = { fold: () => null, windowsAt, graceMs: GRACE_MS };
      const accepted = sent.filter(
        (_, index) => verdictOn(sent, index, definition).reason === null,
      );
      const closedUpTo = streamTimeAfter(sent, sent.length) - GRACE_MS;
      const expected = [0, 10, 20, 30, 40].flatMap((startMs) =>
        ['a', 'b'].flatMap((key) => {
          const own = accepted.filter((one) => one.key === key && isIn(startMs, one));
          const last = entering(own).at(-1);
          if (last === undefined || startMs + 10 > closedUpTo) return [];
          const { value, timestamp } = last;
          return [{ key: { key, startMs, endMs: startMs + 10 }, value, timestamp }];
        }),
      );
      expect(readPlain(driver, 'out')).toEqual(expected);
    });
    fc.assert(law, propertyOptions(60));
  });
});

describe('of a table', () => {
  const update = fc.record({
    key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    value: fc.oneof(fc.nat(5), fc.integer({ min: 10, max: 13 }), fc.constant(null)),
    timestamp: fc.nat(40),
  });
  const groupOf = (value: number) => (value < 10 ? 'low' : 'high');

  const builder = new TopologyBuilder('property');
  builder
    .table('in', { name: 'rows', key: string(), value: number(), maxFuture: 'off' })
    .groupBy((value) => ({ key: groupOf(value), value: value % 10 }), {
      name: 'by',
      key: string(),
      value: number(),
    })
    .topN(N, { name: 'best', by: (value) => value })
    .toStream()
    .to('out');
  const topology = builder.build();

  /** The list of a group; null for a group without rows. */
  function listOf(rows: ReadonlyMap<string, number | null>, group: string) {
    const list = [...rows].flatMap(([key, value]) =>
      value === null || groupOf(value) !== group
        ? []
        : [{ key, value: value % 10, score: value % 10 }],
    );
    list.sort((a, b) => b.score - a.score || (a.key < b.key ? -1 : 1));
    return list.length === 0 ? null : list.slice(0, N);
  }

  it('the list is sorted anew from all rows of the group, and told when it is another', () => {
    const law = fc.property(stepsOf(update, 40), (steps) => {
      const driver = new TopologyTestDriver(topology, { commit: 'manual' });
      const { sent } = play(driver, steps);
      const times = new Map<string, number>();
      const expected = sent.flatMap(({ key, value, timestamp }, index) => {
        const before = new Map(sent.slice(0, index).map((one) => [one.key, one.value]));
        const after = new Map(before).set(key, value);
        const old = before.get(key) ?? null;
        const groups = [old, value].flatMap((one) => (one === null ? [] : groupOf(one)));
        return [...new Set(groups)].flatMap((group) => {
          const list = listOf(after, group);
          // Text, so that two lists compare by what is in them.
          if (JSON.stringify(list) === JSON.stringify(listOf(before, group))) return [];
          const time = Math.max(timestamp, times.get(group) ?? 0);
          if (list === null) times.delete(group);
          else times.set(group, time);
          return [{ key: group, value: list, timestamp: time }];
        });
      });
      expect(readPlain(driver, 'out')).toEqual(expected);
    });
    fc.assert(law, propertyOptions(60));
  });
});
