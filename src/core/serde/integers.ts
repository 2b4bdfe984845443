import { SerdeError } from '../model/errors.ts';
import { checkLength, kindOf, rangeSerde } from './range-serde.ts';
import type { Serde } from './serde.ts';

const two32 = 2 ** 32;

/**
 * A safe integer in 8 bytes, big-endian, as Kafka's `Long` serde. Negative zero is written as 0.
 *
 * @throws {SerdeError} `OVERFLOW` for an integer beyond ±(2^53 - 1); `SERIALIZATION` for what is no
 * integer; `DESERIALIZATION` for other lengths and for what is not a safe integer.
 */
export function int64(): Serde<number> {
  return int64Serde;
}

/** An integer of 32 bits in 4 bytes, big-endian, as Kafka's `Integer` serde; errors as `int64`. */
export function int32(): Serde<number> {
  return int32Serde;
}

/** A bigint of 64 bits in 8 bytes, big-endian, the bytes of `int64`; errors alike. */
export function bigint64(): Serde<bigint> {
  return bigint64Serde;
}

const int64Serde = rangeSerde<number>({
  format: 'int64',
  version: 1,
  serialize(value) {
    checkInteger('int64', value, Number.MAX_SAFE_INTEGER);
    const target = Buffer.allocUnsafe(8);
    const high = Math.floor(value / two32);
    target.writeInt32BE(high, 0);
    target.writeUInt32BE(value - high * two32, 4);
    return target;
  },
  deserializeRange(buffer, start, end) {
    checkLength('int64', 8, end - start);
    const value = buffer.readInt32BE(start) * two32 + buffer.readUInt32BE(start + 4);
    if (Number.isSafeInteger(value)) return value;
    throw new SerdeError(
      'DESERIALIZATION',
      'the integer is beyond 2^53 - 1: read it with bigint64()',
    );
  },
  identity(value) {
    checkInteger('int64', value, Number.MAX_SAFE_INTEGER);
    return String(value);
  },
  ofIdentity: Number,
});

const int32Serde = rangeSerde<number>({
  format: 'int32',
  version: 1,
  serialize(value) {
    checkInt32(value);
    const target = Buffer.allocUnsafe(4);
    target.writeInt32BE(value, 0);
    return target;
  },
  deserializeRange(buffer, start, end) {
    checkLength('int32', 4, end - start);
    return buffer.readInt32BE(start);
  },
  identity(value) {
    checkInt32(value);
    return String(value);
  },
  ofIdentity: Number,
});

const bigint64Serde = rangeSerde<bigint>({
  format: 'bigint64',
  version: 1,
  serialize(value) {
    checkBigint64(value);
    const target = Buffer.allocUnsafe(8);
    target.writeBigInt64BE(value, 0);
    return target;
  },
  deserializeRange(buffer, start, end) {
    checkLength('bigint64', 8, end - start);
    return buffer.readBigInt64BE(start);
  },
  identity(value) {
    checkBigint64(value);
    return String(value);
  },
  ofIdentity: BigInt,
});

function checkInt32(value: number): void {
  // `| 0` also turns -0, which compares equal, into 0.
  if ((value | 0) !== value) checkInteger('int32', value, 2 ** 31 - 1, -(2 ** 31));
}

function checkBigint64(value: bigint): void {
  if (typeof value !== 'bigint') {
    throw new SerdeError('SERIALIZATION', `expected a bigint, got ${kindOf(value)}`);
  }
  if (BigInt.asIntN(64, value) === value) return;
  throw new SerdeError('OVERFLOW', 'the bigint does not fit into 64 bits: use bigint()');
}

function checkInteger(format: string, value: number, greatest: number, least = -greatest): void {
  if (!Number.isInteger(value)) {
    const got = typeof value === 'number' ? 'another number' : kindOf(value);
    throw new SerdeError('SERIALIZATION', `expected an integer (${format}), got ${got}`);
  }
  if (value >= least && value <= greatest) return;
  throw new SerdeError('OVERFLOW', `the integer is outside [${least}, ${greatest}] (${format})`);
}
