import { ProcessingError } from '../../../core/model/errors.ts';
import { number } from '../../../core/serde/numbers.ts';
import { kindOf } from '../../../core/serde/range-serde.ts';
import type { Serde } from '../../../core/serde/serde.ts';
import { combining, type ReadyAggregator, type Selector } from './ready-aggregator.ts';

/** One kind for one aggregator. */
export type Numeric = number | bigint;

export interface NumericOptions<N extends Numeric> {
  /** The serde of the aggregate. Default `number()`; bigints need `bigint()` or `bigint64()`. */
  readonly value: Serde<N>;
}

/** A ready aggregator of numbers or of bigints, by the types of the function that returns it. */
export function numeric<V>(
  name: string,
  select: Selector<V, Numeric>,
  combine: (left: Numeric, right: Numeric) => Numeric,
  options: NumericOptions<number> | NumericOptions<bigint> | undefined,
): ReadyAggregator<V, Numeric> {
  const alike = (left: Numeric, right: Numeric): Numeric => {
    if (typeof left === typeof right) return combine(left, right);
    throw badNumber(name, `a ${typeof right} after a ${typeof left}`);
  };
  const value = (options?.value ?? number()) as Serde<Numeric>; // of one kind, as what is selected
  return combining((record) => finite(name, select(record)), alike, value);
}

/** Lets finite numbers and bigints pass; -0 becomes 0, which is what serdes make of it. */
export function finite<N extends Numeric>(name: string, value: N): N {
  if (typeof value === 'bigint') return value;
  if (!Number.isFinite(value)) {
    throw badNumber(name, typeof value === 'number' ? String(value) : kindOf(value));
  }
  return value === 0 ? (0 as N) : value; // N has numbers
}

export function added<N extends Numeric>(name: string, left: N, right: N): N {
  const sum = (left as number) + (right as number); // both numbers or both bigints
  return safe(name, sum as N); // likewise
}

/** @throws {ProcessingError} `OVERFLOW` for a number outside ±(2^53 - 1). */
export function safe<N extends Numeric>(name: string, value: N): N {
  if (typeof value === 'bigint' || Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value;
  throw new ProcessingError(
    'OVERFLOW',
    `\`${name}\` would leave the safe integers. Aggregate with bigint.`,
  );
}

function badNumber(name: string, got: string): ProcessingError {
  return new ProcessingError(
    'BAD_NUMBER',
    `\`${name}\` was given ${got}; it takes finite numbers, or bigints throughout.`,
  );
}
