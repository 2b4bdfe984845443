import { invariant } from '../core/model/invariant.ts';
import { asBuffer } from '../core/serde/range-serde.ts';
import type { Serde } from '../core/serde/serde.ts';
import { type ByteWriter, readInt64 } from './byte-writer.ts';

/** Bytes of a window's end or start in a key. */
const timeBytes = 8;
const terminatorByte = 0x00;
/** Follows a zero byte that belongs to the key. */
const escapeByte = 0xff;

/** The parts a row is known by; stores without windows have 0 for both times. */
export interface RowKey<K> {
  readonly key: K;
  readonly startMs: number;
  readonly endMs: number;
}

/** How the key of a row is laid out in the changelog and, behind a prefix, in LevelDB. */
export interface KeyLayout<K> {
  write(writer: ByteWriter, key: K, startMs: number, endMs: number): void;
  /** @throws what the serde throws on bytes that are no key. */
  read(bytes: Buffer): RowKey<K>;
  /** The window end of a key; 0 where there is none. */
  endMs(bytes: Buffer): number;
}

/** The serialized key as it is: byte order is the order of the store. */
export function plainKeyLayout<K>(serde: Serde<K>): KeyLayout<K> {
  return {
    write(writer, key) {
      writer.serialized(serde.serialize(key));
    },
    read(bytes) {
      return { key: serde.deserialize(bytes), startMs: 0, endMs: 0 };
    },
    endMs: () => 0,
  };
}

/**
 * `(end, key, start)` as an order-preserving tuple: both times are 8 bytes, big-endian; the key is
 * escaped as in FoundationDB's tuple layer (0x00 becomes 0x00 0xFF, 0x00 ends it). What follows
 * never begins with 0xFF: no row's key is a prefix of another's, and they sort as their parts.
 * The start may be negative; windows of one end and key then start in one place only.
 */
export function windowKeyLayout<K>(serde: Serde<K>): KeyLayout<K> {
  return {
    write(writer, key, startMs, endMs) {
      invariant(endMs >= 0, 'No window in a store ends before 1970.');
      writer.int64(endMs);
      writeEscaped(writer, serde.serialize(key));
      writer.int64(startMs);
    },
    read(bytes) {
      const keyEnd = bytes.length - timeBytes - 1;
      if (keyEnd < timeBytes) throw new RangeError('the key of a window is too short');
      const key = serde.deserialize(unescape(bytes.subarray(timeBytes, keyEnd)));
      return { key, startMs: readInt64(bytes, keyEnd + 1), endMs: readInt64(bytes, 0) };
    },
    // A key of before a reset may be of another layout: its row is deleted further on.
    endMs: (bytes) => (bytes.length < timeBytes ? 0 : readInt64(bytes, 0)),
  };
}

/** The first key of windows that end at `endMs` or later. */
export function windowKeyFloor(endMs: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(timeBytes);
  // No end is above the largest safe integer, so the bound behind all of them is the number after.
  bytes.writeBigInt64BE(BigInt(Math.min(Math.max(Math.ceil(endMs), 0), 2 ** 53)));
  return bytes;
}

/** Writes one key of a tuple. */
export function writeEscaped(writer: ByteWriter, serialized: Uint8Array | string): void {
  const start = writer.length;
  writer.serialized(serialized);
  if (writer.view(start, writer.length).includes(terminatorByte)) {
    const plain = writer.copy(start, writer.length);
    writer.length = start;
    for (const byte of plain) {
      writer.byte(byte);
      if (byte === terminatorByte) writer.byte(escapeByte);
    }
  }
  writer.byte(terminatorByte);
}

/** The key that was escaped, without its terminator. */
export function unescape(escaped: Uint8Array): Buffer {
  const bytes = asBuffer(escaped);
  if (!bytes.includes(terminatorByte)) return bytes;
  const plain = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number; // inside the bounds
    plain[length++] = byte;
    if (byte === terminatorByte) at++;
  }
  return plain.subarray(0, length);
}
