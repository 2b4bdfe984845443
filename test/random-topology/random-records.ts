import fc from 'fast-check';
import type { CaseRecord } from '../conformance/case-file.ts';

/** Time goes on a little, stands still, jumps, or goes back. */
const strides = [0, 0, 1, 2, 3, 5, 5, 7, 10, 13, 25, 60, 1000, -1, -3, -8, -20];
const keys = ['a', 'b', 'c', 'a', 'b', 'a', null];
const prefixes = ['a', 'b', 'c', 'd'];

/** Values are a prefix and a number, as the operators of cases take them apart. */
export function recordsOf(most: number): fc.Arbitrary<readonly Omit<CaseRecord, 'topic'>[]> {
  const value = fc.oneof(
    { weight: 9, arbitrary: fc.tuple(fc.constantFrom(...prefixes), fc.nat(20)) },
    { weight: 1, arbitrary: fc.constant(null) },
  );
  const record = fc.record({
    key: fc.constantFrom(...keys),
    value: value.map((of) => (of === null ? null : `${of[0]}:${of[1]}`)),
    stride: fc.constantFrom(...strides),
  });
  return fc.array(record, { minLength: 1, maxLength: most, size: 'max' }).map((drawn) => {
    let timeMs = 5;
    return drawn.map(({ key, value: of, stride }) => {
      timeMs = Math.max(0, timeMs + stride);
      return { key, value: of, timestamp: timeMs };
    });
  });
}
