import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { string, TopologyBuilder } from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { propertyOptions } from '../support/property-options.ts';
import { play, stepsOf } from '../support/steps.ts';

interface Sent {
  readonly topic: 'events' | 'rows';
  readonly key: string;
  readonly value: string | null;
  readonly timestamp: number;
}

const sentRecord: fc.Arbitrary<Sent> = fc
  .record({
    topic: fc.constantFrom('events', 'rows'),
    key: fc.constantFrom('a', 'b', 'c'),
    // An event looks up what it says; `x` is never there, `-` is no key.
    found: fc.constantFrom('a', 'b', 'c', 'x', '-'),
    row: fc.constantFrom('1', '2', null),
    timestamp: fc.nat(50),
  })
  .map(({ found, row, ...rest }) => ({ ...rest, value: rest.topic === 'rows' ? row : found }));

/** Each event with the last row of the key it names, sent before it, whatever its time. */
function joined(sent: readonly Sent[], isLeft: boolean): string[] {
  return sent.flatMap(({ topic, key, value }, index) => {
    if (topic === 'rows') return [];
    const before = sent.slice(0, index).filter((other) => other.topic === 'rows');
    const row = before.findLast((other) => other.key === value)?.value ?? null;
    return row === null && !isLeft ? [] : [`${key}:${String(value)}+${String(row)}`];
  });
}

describe.each([true, false])('a join with a global table, left: %s', (isLeft) => {
  it.each([1, 3])('looks each event up in the rows before it, %i partitions', (partitions) => {
    const builder = new TopologyBuilder('property');
    const serdes = { key: string(), value: string(), maxFuture: 'off' } as const;
    const table = builder.globalTable('rows', { name: 'rows', ...serdes });
    const events = builder.stream('events', serdes);
    const key = (value: string) => (value === '-' ? null : value);
    const options = { key, value: string() };
    const joiner = (value: string, row: string | null) => `${value}+${String(row)}`;
    const result = isLeft
      ? events.leftJoin(table, { ...options, joiner })
      : events.join(table, { ...options, joiner });
    result.to('out');
    const topology = builder.build();
    const law = fc.property(stepsOf(sentRecord), (steps) => {
      const driver = new TopologyTestDriver(topology, { commit: 'manual', partitions });
      const { sent, dropped } = play(driver, steps);
      const out = driver.read('out').map((one) => `${String(one.key)}:${String(one.value)}`);
      expect(out.sort()).toEqual(joined(sent, isLeft).sort());
      const noKeys = sent.filter(({ topic, value }) => topic === 'events' && value === '-');
      expect(dropped).toEqual(isLeft ? [] : noKeys.map(() => 'null-key'));
    });
    fc.assert(law, propertyOptions(40));
  });
});
