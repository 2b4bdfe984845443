import { expect, it } from 'vitest';
import type { Serde } from '../../../src/core/serde/serde.ts';
import { string } from '../../../src/core/serde/string.ts';
import { sourceReader } from '../../../src/core/task/source-reader.ts';
import type { SourceNode } from '../../../src/core/topology/plan.ts';
import { manualClock } from '../../support/broker-fixture.ts';
import { repartition, source } from '../../support/plan-nodes.ts';
import { batchAt, type RawInput } from './task-fixture.ts';

const reading = (change: Partial<SourceNode>, defaultMaxFutureMs: number | 'off' = 'off') => {
  const clock = manualClock();
  const told: string[] = [];
  const refusals = {
    refuse: ({ code, where }: { code: string; where: object }) =>
      told.push(`${code} ${JSON.stringify(where)}`),
    drop: (_record: unknown, reason: string) => told.push(reason),
  };
  const input = { topic: 'in', node: source('in', change) };
  const reader = sourceReader(input, { clock, defaultMaxFutureMs }, refusals);
  const read = (record: RawInput, partitionTimeMs = -1) =>
    reader.read(batchAt(40, [record]), 0, partitionTimeMs)?.timestamp ?? told.pop() ?? 'nothing';
  return { read, clock };
};

const extractor = (extract: (value: unknown, key: unknown, partitionTimeMs: number) => number) =>
  ({ timestamps: { kind: 'value-time', extract } }) as const;

it('the time of a record is its own, what the value tells, or the moment of arrival', () => {
  expect(reading({}).read({ value: 'v', timestamp: 7 })).toBe(7);
  const { read } = reading(extractor((value, key) => Number(value) + Number(key)));
  expect(read({ key: '1', value: '41', timestamp: 7 })).toBe(42);
  const arrival = reading({ timestamps: { kind: 'wall-clock' } });
  arrival.clock.advance(99);
  expect(arrival.read({ value: 'v', timestamp: 7 })).toBe(99);
});

it('an extractor knows the time of the partition, or that there is none', () => {
  const { read } = reading(extractor((_value, _key, partitionTimeMs) => partitionTimeMs + 1));
  expect([read({ value: 'v' }), read({ value: 'v' }, 5)]).toEqual([0, 6]);
});

it('what is no time is dropped, replaced by the partition time once known, or an error', () => {
  const bad = { value: 'v', timestamp: -1 };
  expect(reading({ onInvalidTimestamp: 'drop' }).read(bad, 5)).toBe('invalid-timestamp');
  const replacing = reading({ onInvalidTimestamp: 'partition-time' });
  expect([replacing.read(bad), replacing.read(bad, 5)]).toEqual(['invalid-timestamp', 5]);
  expect(() => reading({ onInvalidTimestamp: 'fail' }).read(bad)).toThrow(/offset 40/);
});

it('an extractor that throws is a deserialization error with the place of the record', () => {
  const { read } = reading(
    extractor(() => {
      throw new Error('no');
    }),
  );
  expect(read({ value: 'v' })).toBe('DESERIALIZATION {"node":"in","topic":"in","offset":40}');
});

it('a serde that throws is told with its part and code', () => {
  const failing: Serde<unknown> = {
    ...(string() as Serde<unknown>), // a source holds serdes of unknown
    deserializeRange() {
      throw new TypeError('odd');
    },
  };
  expect(reading({ key: failing }).read({ key: 'k' })).toContain('DESERIALIZATION');
  expect(reading({ value: failing }).read({ key: 'k' })).toBe(0);
});

it('a source says itself how far ahead of the clock a record may be', () => {
  const ahead = (change: Partial<SourceNode>, byDefault: number | 'off', timestamp: number) =>
    reading(change, byDefault).read({ value: 'v', timestamp });
  expect(ahead({ maxFutureMs: null }, 'off', 1e15)).toBe(1e15);
  expect(ahead({ maxFutureMs: null }, 10, 11)).toBe('future');
  expect(ahead({ maxFutureMs: null }, 10, 10)).toBe(10);
  expect(ahead({ maxFutureMs: 100 }, 10, 11)).toBe(11);
  expect(ahead({ maxFutureMs: 'off' }, 10, 1e15)).toBe(1e15);
  const moving = reading({ maxFutureMs: 10 });
  expect(moving.read({ value: 'v', timestamp: 11 })).toBe('future');
  moving.clock.advance(1);
  expect(moving.read({ value: 'v', timestamp: 11 })).toBe(11);
});

it('what the library wrote itself keeps its time, whatever it is', () => {
  const node = repartition('by', [source('in')]);
  const refusals = { refuse: () => undefined, drop: () => undefined };
  const input = { topic: 'app-by-repartition', node };
  const reader = sourceReader(input, { clock: manualClock(), defaultMaxFutureMs: 0 }, refusals);
  expect(reader.read(batchAt(0, [{ timestamp: 1e15 }]), 0, -1)?.timestamp).toBe(1e15);
});
