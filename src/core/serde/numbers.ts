import { SerdeError } from '../model/errors.ts';
import { checkLength, kindOf, rangeSerde } from './range-serde.ts';
import type { Serde } from './serde.ts';
import { readUtf8 } from './utf8.ts';

/**
 * Any number in 8 bytes, IEEE 754 big-endian, as Kafka's `Double` serde. Bit by bit: as keys, 0 and
 * -0 are two; all NaN are one.
 */
export function float64(): Serde<number> {
  return float64Serde;
}

/**
 * A finite number as JSON text; what it reads may have been written by any JSON library. -0 is
 * written as 0. `int64()` and `float64()` are faster.
 *
 * @throws {SerdeError} `SERIALIZATION` for NaN, infinities and what is no number; `DESERIALIZATION`
 * for what is not the text of a finite number.
 */
export function number(): Serde<number> {
  return numberSerde;
}

/**
 * A bigint of any size as decimal text.
 *
 * @throws {SerdeError} `SERIALIZATION` for what is no bigint; `DESERIALIZATION` for other text.
 */
export function bigint(): Serde<bigint> {
  return bigintSerde;
}

const float64Serde = rangeSerde<number>({
  format: 'float64',
  version: 1,
  serialize(value) {
    checkNumber(value);
    const target = Buffer.allocUnsafe(8);
    // NaN has many bit patterns, and which one a computation gives is not specified.
    target.writeDoubleBE(Number.isNaN(value) ? NaN : value, 0);
    return target;
  },
  deserializeRange(buffer, start, end) {
    checkLength('float64', 8, end - start);
    return buffer.readDoubleBE(start);
  },
});

const numberSerde = rangeSerde<number>({
  format: 'number',
  version: 1,
  serialize: numberText,
  deserializeRange: (buffer, start, end) => numberOf(readUtf8(buffer, start, end)),
  identity: numberText,
  ofIdentity: Number,
});

const bigintSerde = rangeSerde<bigint>({
  format: 'bigint',
  version: 1,
  serialize: bigintText,
  deserializeRange(buffer, start, end) {
    const text = readUtf8(buffer, start, end);
    if (/^-?\d+$/.test(text)) return BigInt(text);
    throw new SerdeError('DESERIALIZATION', 'the bytes are not a decimal integer');
  },
  identity: bigintText,
  ofIdentity: BigInt,
});

function numberText(value: number): string {
  checkNumber(value);
  if (Number.isFinite(value)) return String(value);
  throw new SerdeError('SERIALIZATION', `expected a finite number, got ${value}`);
}

function numberOf(text: string): number {
  const value = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : NaN;
  if (Number.isFinite(value)) return value;
  throw new SerdeError('DESERIALIZATION', 'the bytes are not the JSON text of a finite number');
}

function bigintText(value: bigint): string {
  if (typeof value === 'bigint') return String(value);
  throw new SerdeError('SERIALIZATION', `expected a bigint, got ${kindOf(value)}`);
}

function checkNumber(value: number): void {
  if (typeof value === 'number') return;
  throw new SerdeError('SERIALIZATION', `expected a number, got ${kindOf(value)}`);
}
