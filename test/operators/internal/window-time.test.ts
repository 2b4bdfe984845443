import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hopping, int64, string, type Windowed } from '../../../src/index.ts';
import { keyBytes } from '../../../src/core/serde/key-identity.ts';
import { orderedWindowKey } from '../../../src/operators/internal/ordered-window-key.ts';
import { pendingSerde } from '../../../src/operators/internal/pending-serde.ts';
import { windowPlaces } from '../../../src/operators/internal/window-places.ts';
import { propertyOptions } from '../../support/property-options.ts';

const bounds = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }));

it('the first and the last window that take a record are those of the multiples whose window holds it', () => {
  const law = fc.property(bounds, fc.nat(60), ([size, step], timestamp) => {
    const windows = hopping(Math.max(size, step), { every: Math.min(size, step), grace: 0 });
    const { sizeMs, everyMs } = windows;
    const multiples = Array.from({ length: 62 }, (_, index) => index * everyMs);
    const starts = multiples.filter((start) => start <= timestamp && timestamp < start + sizeMs);
    const { firstStart, lastStart, endOf } = windowPlaces(windows);
    expect(firstStart(timestamp)).toBe(starts[0]);
    expect(lastStart(timestamp)).toBe(starts.at(-1));
    expect(endOf(lastStart(timestamp))).toBe(lastStart(timestamp) + sizeMs);
  });
  fc.assert(law, propertyOptions(1000));
});

const key = fc.array(fc.constantFrom('\0', '\u0001', 'a', 'ÿ'), { maxLength: 3 });
const windowedKey: fc.Arbitrary<Windowed<string>> = fc
  .record({
    key: key.map((parts) => parts.join('')),
    // Calendar windows may start before 1970.
    startMs: fc.integer({ min: -2, max: 2 }),
    size: fc.nat(2),
  })
  .map(({ size, ...rest }) => ({ ...rest, endMs: rest.startMs + size + 1 }));

it('windowed keys are in order of key bytes, start and end, and come back as they were', () => {
  const serde = orderedWindowKey(string());
  const inOrder = (a: Windowed<string>, b: Windowed<string>): number =>
    Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)) ||
    a.startMs - b.startMs ||
    a.endMs - b.endMs;
  const law = fc.property(windowedKey, windowedKey, (a, b) => {
    const order = Buffer.compare(keyBytes(serde, a), keyBytes(serde, b));
    expect(Math.sign(order)).toBe(Math.sign(inOrder(a, b)));
    expect(serde.deserialize(keyBytes(serde, a))).toEqual(a);
  });
  fc.assert(law, propertyOptions(1000));
});

it('what waits comes back as it was, emitted or not', () => {
  const serde = pendingSerde(int64());
  const rows = [null, { value: 0, timestamp: 0 }, { value: -7, timestamp: 8.64e15 }];
  for (const emitted of rows) {
    const waiting = { dueMs: 8.64e15, emitted };
    expect(serde.deserialize(keyBytes(serde, waiting))).toEqual(waiting);
  }
});
