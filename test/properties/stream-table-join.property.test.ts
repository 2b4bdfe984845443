import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { string, TopologyBuilder } from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { propertyOptions } from '../support/property-options.ts';
import { play, readPlain, stepsOf } from '../support/steps.ts';

interface Sent {
  readonly topic: 'events' | 'rows';
  readonly key: string | null;
  readonly value: string | null;
  readonly timestamp: number;
}

const sentRecord: fc.Arbitrary<Sent> = fc.record({
  topic: fc.constantFrom('events', 'rows'),
  key: fc.constantFrom('a', 'b', null),
  value: fc.constantFrom('x', 'yy', null),
  timestamp: fc.nat(20),
});

const isLong = (value: string) => value.length > 1;

/** Each event with the last row of its key before it. */
function joined(sent: readonly Sent[], isLeft: boolean, passes: (row: string) => boolean) {
  return sent.flatMap(({ topic, key, value, timestamp }, index) => {
    if (topic !== 'events' || value === null) return [];
    const rows = sent.slice(0, index).filter((other) => other.topic === 'rows');
    const last = key === null ? undefined : rows.findLast((row) => row.key === key);
    const row =
      last === undefined || last.value === null || !passes(last.value) ? null : last.value;
    if (row === null && !isLeft) return [];
    return [{ key, value: `${value}+${String(row)}`, timestamp }];
  });
}

/** Reasons in order; null keys count before null values. */
function dropsOf(sent: readonly Sent[], isLeft: boolean): readonly string[] {
  return sent.flatMap(({ topic, key, value }) => {
    if (key === null && (topic === 'rows' || !isLeft)) return ['null-key'];
    return topic === 'events' && value === null ? ['null-value'] : [];
  });
}

const joins = [false, true].flatMap((isLeft) => [
  { join: isLeft ? 'left' : 'inner', side: 'table', isLeft, passes: () => true },
  { join: isLeft ? 'left' : 'inner', side: 'filtered table', isLeft, passes: isLong },
]);

describe.each(joins)('$join join with a $side', ({ isLeft, passes }) => {
  const builder = new TopologyBuilder('property');
  const serdes = { key: string(), value: string(), maxFuture: 'off' } as const;
  const table = builder.table('rows', { name: 'rows', ...serdes }).filter(passes);
  const stream = builder.stream('events', { ...serdes, tombstones: 'keep' });
  const options = { name: 'joined', value: string() };
  const result = isLeft
    ? stream.leftJoin(table, (value, row) => `${value}+${String(row)}`, options)
    : stream.join(table, (value, row) => `${value}+${row}`, options);
  result.to('out');
  const topology = builder.build();

  it('looks each event up in the rows before it', () => {
    const law = fc.property(stepsOf(sentRecord), (steps) => {
      const driver = new TopologyTestDriver(topology, { commit: 'manual' });
      const { sent, dropped } = play(driver, steps);
      const out = readPlain(driver, 'out');
      expect(out).toEqual(joined(sent, isLeft, passes));
      expect(dropped).toEqual(dropsOf(sent, isLeft));
    });
    fc.assert(law, propertyOptions(200));
  });
});
