import fc from 'fast-check';
import { every, onCommit, onUpdate } from '../../src/index.ts';
import type { NaiveAggregation } from './naive-aggregation.ts';
import type { NaivePolicy } from './naive-emission.ts';

// Two keys and few instants, so that rows collide, windows fill and close within a short run.
export const sentRecord = fc.record({
  key: fc.oneof({ weight: 9, arbitrary: fc.constantFrom('a', 'b') }, fc.constant(null)),
  value: fc.oneof({ weight: 9, arbitrary: fc.constantFrom('1', '2', 'x') }, fc.constant(null)),
  timestamp: fc.nat(60),
});

/** An aggregation by its name in the DSL, and what one more record makes of a row. */
export interface Fold {
  readonly name: 'count' | 'reduce' | 'aggregate';
  readonly fold: NaiveAggregation['fold'];
}

export const folds: readonly Fold[] = [
  { name: 'count', fold: (before) => Number(before ?? 0) + 1 },
  { name: 'reduce', fold: (before, value) => (before === null ? value : joined(before, value)) },
  // 'x' deletes the row; the next record starts from the initializer.
  { name: 'aggregate', fold: (before, value) => (value === 'x' ? null : appended(before, value)) },
];

/** What the DSL is given for the folds above. */
export const reducer = (before: string, value: string) => `${before},${value}`;
export const aggregator = (before: string, value: string) =>
  value === 'x' ? null : `${before}<${value}`;

function joined(before: unknown, value: string): string {
  return `${String(before)},${value}`;
}

function appended(before: unknown, value: string): string {
  return `${before === null ? '' : String(before)}<${value}`;
}

/** Each policy for rows without windows: as the DSL takes it, and as the definition reads it. */
export const policies = [
  { emit: onUpdate(), naive: 'on-update' },
  { emit: onCommit(), naive: 'on-commit' },
  { emit: every(7), naive: { everyMs: 7 } },
] as const satisfies readonly { emit: unknown; naive: NaivePolicy }[];
