import fc from 'fast-check';
import { expect } from 'vitest';
import { bytes } from '../../../src/core/serde/bytes.ts';
import { bigint64, int32, int64 } from '../../../src/core/serde/integers.ts';
import { json } from '../../../src/core/serde/json.ts';
import { identityOf, keyBytes, keyOfIdentity } from '../../../src/core/serde/key-identity.ts';
import { bigint, float64, number } from '../../../src/core/serde/numbers.ts';
import type { Serde } from '../../../src/core/serde/serde.ts';
import { string } from '../../../src/core/serde/string.ts';
import { windowed } from '../../../src/core/serde/windowed.ts';

export interface SerdeCase<T> {
  readonly serde: Serde<T>;
  /** Values that come back as they were. */
  readonly values: fc.Arbitrary<T>;
}

function serdeCase<T>(serde: Serde<T>, values: fc.Arbitrary<T>): SerdeCase<unknown> {
  return { serde, values };
}

const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('', '\uFFFD', '\uFEFFa'));
const sizeMs = 60_000;
const windowOf = <K>(key: K, start: number) => ({ key, startMs: start, endMs: start + sizeMs });
const plus = (value: number) => (Object.is(value, -0) ? 0 : value);

// JSON has no negative zero.
const jsonValue = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown);

export const serdeCases: Record<string, SerdeCase<unknown>> = {
  string: serdeCase(string(), text),
  bytes: serdeCase(
    bytes(),
    fc.uint8Array().map((value): Uint8Array => Buffer.from(value)),
  ),
  int32: serdeCase(int32(), fc.integer()),
  int64: serdeCase(int64(), fc.maxSafeInteger()),
  bigint64: serdeCase(bigint64(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  bigint: serdeCase(bigint(), fc.bigInt()),
  float64: serdeCase(float64(), fc.double()),
  number: serdeCase(number(), fc.double({ noDefaultInfinity: true, noNaN: true }).map(plus)),
  json: serdeCase(json<unknown>(), jsonValue),
  windowed: serdeCase(
    windowed(string(), { sizeMs }),
    fc.tuple(text, fc.nat()).map(([key, start]) => windowOf(key, start)),
  ),
};

/** What holds for any serde and two values of it; broken ones must fail. */
export const serdeLaws: Record<string, (serde: Serde<unknown>, a: unknown, b: unknown) => void> = {
  'a value comes back from its bytes': (serde, a) => {
    expect(serde.deserialize(keyBytes(serde, a))).toEqual(a);
  },
  'a range of a larger buffer reads like its view': (serde, a) => {
    const encoded = keyBytes(serde, a);
    const buffer = Buffer.concat([Buffer.from('<<'), encoded, Buffer.from('>')]);
    const end = 2 + encoded.length;
    expect(serde.deserialize(buffer.subarray(2, end))).toEqual(a);
    expect(serde.deserializeRange?.(buffer, 2, end) ?? a).toEqual(a);
  },
  'a value does not live in the buffer it was read from': (serde, a) => {
    // Bytes are handed out as the view they are; `bytes()` says so.
    if (/\bbytes\b/.test(serde.format)) return;
    const encoded = Buffer.from(keyBytes(serde, a));
    const value = serde.deserialize(encoded);
    encoded.fill(0xff);
    expect(value).toEqual(a);
  },
  'two keys have one identity if and only if they have the same bytes': (serde, a, b) => {
    const sameBytes = Buffer.compare(keyBytes(serde, a), keyBytes(serde, b)) === 0;
    expect(identityOf(serde, a) === identityOf(serde, b)).toBe(sameBytes);
    expect(identityOf(serde, a)).toBe(identityOf(serde, serde.deserialize(keyBytes(serde, a))));
  },
  'a key comes back from its identity': (serde, a) => {
    expect(keyOfIdentity(serde, identityOf(serde, a))).toEqual(a);
  },
};
