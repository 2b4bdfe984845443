import type { ErrorPlace } from '../../model/errors.ts';
import { corruptBatch } from './corrupt-batch.ts';

/** Reads zigzag varints, one after another, and never past the end of its bytes. */
export class VarintReader {
  constructor(
    private readonly bytes: Uint8Array,
    public position: number,
    private readonly where: ErrorPlace,
  ) {}

  /** A 32-bit integer. */
  int(): number {
    const first = this.bytes[this.position];
    if (first !== undefined && first < 0x80) {
      this.position++;
      return (first >>> 1) ^ -(first & 1);
    }
    return this.longInt();
  }

  /** A 64-bit integer; exact up to 2^53. */
  long(): number {
    const start = this.position;
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.next();
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (low >>> 1) ^ -(low & 1);
    }
    this.position = start;
    return this.bigLong();
  }

  private longInt(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.next();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
    throw corruptBatch('a number is longer than 5 bytes', this.position, this.where);
  }

  private bigLong(): number {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.next();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n)));
    }
    throw corruptBatch('a number is longer than 10 bytes', this.position, this.where);
  }

  private next(): number {
    const byte = this.bytes[this.position++];
    if (byte !== undefined) return byte;
    throw corruptBatch('a number is cut off', this.position - 1, this.where);
  }
}

/** Bytes that a 32-bit integer takes as a zigzag varint. */
export function intSize(value: number): number {
  const zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
  if (zigzag < 0x80) return 1;
  if (zigzag < 0x4000) return 2;
  if (zigzag < 0x200000) return 3;
  return zigzag < 0x10000000 ? 4 : 5;
}

/** Writes a 32-bit integer; answers the position after it. */
export function writeInt(target: Uint8Array, position: number, value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  let at = position;
  while (rest >= 0x80) {
    target[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  target[at++] = rest;
  return at;
}

/** Above this a value is written by way of a bigint. */
const maxSmall = 0x3fffffff;

/** Bytes that a 64-bit integer takes as a zigzag varint. */
export function longSize(value: number): number {
  if (value >= -maxSmall && value <= maxSmall) return intSize(value);
  let size = 1;
  for (let rest = zigzagOf(value) >> 7n; rest > 0n; rest >>= 7n) size++;
  return size;
}

/** Writes a 64-bit integer; answers the position after it. */
export function writeLong(target: Uint8Array, position: number, value: number): number {
  if (value >= -maxSmall && value <= maxSmall) return writeInt(target, position, value);
  let at = position;
  let rest = zigzagOf(value);
  for (; rest >= 0x80n; rest >>= 7n) target[at++] = Number(rest & 0x7fn) | 0x80;
  target[at++] = Number(rest);
  return at;
}

function zigzagOf(value: number): bigint {
  const exact = BigInt(value);
  return BigInt.asUintN(64, (exact << 1n) ^ (exact >> 63n));
}
