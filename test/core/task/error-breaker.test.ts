import { expect, it } from 'vitest';
import { ErrorBreaker } from '../../../src/core/task/error-breaker.ts';

/** The number of the record at which the breaker trips, or null. */
function tripOf(isError: (record: number) => boolean, records: number): number | null {
  const breaker = new ErrorBreaker();
  for (let record = 1; record <= records; record += 1) {
    if (isError(record) && breaker.tripsOn(record)) return record;
  }
  return null;
}

it('half of the records in error are borne', () => {
  expect(tripOf((record) => record % 2 === 0, 10_000)).toBeNull();
});

it('the first error above half of the last 1000 trips', () => {
  expect(tripOf(() => true, 10_000)).toBe(501);
  const poisonLate = (record: number) => record > 5000;
  expect(tripOf(poisonLate, 10_000)).toBe(5501);
  const halfThenOneMore = (record: number) => record % 2 === 0 || record === 3001;
  expect(tripOf(halfThenOneMore, 10_000)).toBe(3001);
});

it('errors more than 1000 records back are forgotten', () => {
  const burst = (record: number) => record % 2000 < 500;
  expect(tripOf(burst, 20_000)).toBeNull();
});
