import type avsc from 'avsc';
import type { Type } from 'avsc';

/** What avsc reads and writes 64-bit integers with. */
interface Tap {
  pos: number;
  readonly buf: Uint8Array;
  writeLong(value: number): void;
}

/** Up to here avsc's own arithmetic is exact: it doubles what it writes. */
const maxExact = 2 ** 51;

/**
 * 64-bit integers as numbers. avsc gives those beyond 2^52 another sign without a word: it decides
 * about the sign by the parity of a number that has lost its last bit.
 */
export function safeLongs({ types: { LongType } }: typeof avsc): Type {
  class SafeLong extends LongType {
    // Called as a method of a resolver too.
    _read(tap: Tap): number {
      const { buf } = tap;
      let byte = buf[tap.pos++] ?? 0;
      const isNegative = (byte & 1) === 1;
      let magnitude = (byte & 0x7f) >> 1;
      for (let unit = 64; (byte & 0x80) !== 0; unit *= 128) {
        byte = buf[tap.pos++] ?? 0;
        magnitude += (byte & 0x7f) * unit;
      }
      // What was rounded is above it too.
      if (magnitude > Number.MAX_SAFE_INTEGER) throw unsafe();
      return isNegative ? -magnitude - 1 : magnitude;
    }

    _write(tap: Tap, value: unknown): void {
      if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw unsafe();
      if (Math.abs(value) <= maxExact) return tap.writeLong(value);
      const doubled = BigInt(value) * 2n;
      for (let left = value < 0 ? -doubled - 1n : doubled; ; left >>= 7n) {
        const isLast = left < 128n;
        tap.buf[tap.pos++] = Number(left & 127n) | (isLast ? 0 : 128);
        if (isLast) return;
      }
    }
  }
  return new SafeLong();
}

function unsafe(): Error {
  return new Error("a long is no safe integer: read it as a bigint, with `long: 'bigint'`");
}

/** 64-bit integers as bigints. */
export function bigintLongs({ types: { LongType } }: typeof avsc): Type {
  return LongType.__with({
    fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
    toBuffer: (value: bigint) => {
      const buffer = Buffer.alloc(8);
      buffer.writeBigInt64LE(value);
      return buffer;
    },
    fromJSON: (value: number) => BigInt(value),
    toJSON: (value: bigint) => Number(value),
    isValid: (value: unknown) => typeof value === 'bigint' && BigInt.asIntN(64, value) === value,
    compare: (left: bigint, right: bigint) => (left === right ? 0 : left < right ? -1 : 1),
  });
}
