import { formatText } from '../core/model/format-text.ts';
import { keyBytes } from '../core/serde/key-identity.ts';
import { asBuffer } from '../core/serde/range-serde.ts';
import type { Serde } from '../core/serde/serde.ts';
import type { Version } from './store.ts';

/** Where a list of older versions lies: the first one's time, and about when its last one ended. */
export interface VersionList {
  readonly startMs: number;
  readonly endMs: number;
}

/** The latest version, whose time is the row's, and the lists of the older ones, oldest first. */
export interface LatestCell<V> {
  readonly value: V | null;
  readonly lists: readonly VersionList[];
}

/** Older versions, ascending. */
export interface OlderCell<V> {
  readonly versions: readonly Version<V>[];
}

export type VersionCell<V> = LatestCell<V> | OlderCell<V>;

const latestKind = 0;
const olderKind = 1;
const timeBytes = 8;
const countBytes = 4;
const noValue = -1;

/**
 * A list: `u8 1 · u32 count · (i64 time, i32 length, value)*`. The latest version:
 * `u8 0 · u32 count · (i64 start, i64 end)* · i32 length · value`. No value has the length -1.
 */
export function versionCellSerde<V>(inner: Serde<V>): Serde<VersionCell<V>> {
  return Object.freeze<Serde<VersionCell<V>>>({
    format: `versions(${formatText(inner)})`,
    version: 1,
    serialize: (cell) =>
      'versions' in cell ? olderBytes(inner, cell.versions) : latestBytes(inner, cell),
    deserialize(bytes) {
      const input = new CellReader(asBuffer(bytes));
      const isLatest = input.byte() === latestKind;
      const count = input.int32();
      if (isLatest) {
        const lists = listOf(count, () => ({ startMs: input.int64(), endMs: input.int64() }));
        return { value: input.value(inner), lists };
      }
      const versions = listOf(count, () => {
        const timestamp = input.int64();
        return { value: input.value(inner), timestamp };
      });
      return { versions };
    },
  });
}

function listOf<T>(count: number, read: () => T): T[] {
  return Array.from({ length: count }, read);
}

function latestBytes<V>(inner: Serde<V>, { value, lists }: LatestCell<V>): Uint8Array {
  const head = Buffer.allocUnsafe(1 + countBytes + lists.length * 2 * timeBytes);
  head.writeUInt8(latestKind);
  head.writeInt32BE(lists.length, 1);
  let at = 1 + countBytes;
  for (const { startMs, endMs } of lists) {
    head.writeBigInt64BE(BigInt(startMs), at);
    head.writeBigInt64BE(BigInt(endMs), at + timeBytes);
    at += 2 * timeBytes;
  }
  return Buffer.concat([head, ...valueParts(inner, value)]);
}

function olderBytes<V>(inner: Serde<V>, versions: readonly Version<V>[]): Uint8Array {
  const head = Buffer.allocUnsafe(1 + countBytes);
  head.writeUInt8(olderKind);
  head.writeInt32BE(versions.length, 1);
  const parts = versions.flatMap(({ value, timestamp }) => {
    const time = Buffer.allocUnsafe(timeBytes);
    time.writeBigInt64BE(BigInt(timestamp));
    return [time, ...valueParts(inner, value)];
  });
  return Buffer.concat([head, ...parts]);
}

function valueParts<V>(inner: Serde<V>, value: V | null): readonly Uint8Array[] {
  const length = Buffer.allocUnsafe(countBytes);
  if (value === null) {
    length.writeInt32BE(noValue);
    return [length];
  }
  const bytes = keyBytes(inner, value);
  length.writeInt32BE(bytes.length);
  return [length, bytes];
}

/** Reads a cell from its start to its end. */
class CellReader {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  byte(): number {
    return this.bytes.readUInt8(this.at++);
  }

  int32(): number {
    this.at += countBytes;
    return this.bytes.readInt32BE(this.at - countBytes);
  }

  int64(): number {
    this.at += timeBytes;
    return Number(this.bytes.readBigInt64BE(this.at - timeBytes));
  }

  value<V>(inner: Serde<V>): V | null {
    const length = this.int32();
    if (length === noValue) return null;
    this.at += length;
    return inner.deserialize(this.bytes.subarray(this.at - length, this.at));
  }
}
