import { createRequire } from 'node:module';

/** The checksum of `bytes`, as an unsigned number. */
export type Crc32c = (bytes: Uint8Array) => number;

/** CRC-32C (Castagnoli), reflected. */
const polynomial = 0x82f63b78;

function sliceTables(): Uint32Array {
  const tables = new Uint32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    tables[byte] = crc;
  }
  for (let index = 256; index < tables.length; index++) {
    const before = tables[index - 256] ?? 0;
    tables[index] = (before >>> 8) ^ (tables[before & 0xff] ?? 0);
  }
  return tables;
}

const tables = sliceTables();

/**
 * Eight bytes a step; every index is masked to its table. Used where the native module cannot be
 * loaded.
 */
export function crc32cByTable(bytes: Uint8Array, start = 0, end = bytes.length): number {
  const whole = end - ((end - start) % 8);
  let crc = -1;
  let at = start;
  for (; at < whole; at += 8) {
    const low =
      crc ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
    crc =
      tables[1792 + (low & 0xff)]! ^
      tables[1536 + ((low >>> 8) & 0xff)]! ^
      tables[1280 + ((low >>> 16) & 0xff)]! ^
      tables[1024 + (low >>> 24)]! ^
      tables[768 + bytes[at + 4]!]! ^
      tables[512 + bytes[at + 5]!]! ^
      tables[256 + bytes[at + 6]!]! ^
      tables[bytes[at + 7]!]!;
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ tables[(crc ^ bytes[at]!) & 0xff]!;
  return ~crc >>> 0;
}

/** The native module is an optional dependency: faster, and no more than that. */
function nativeCrc32c(): Crc32c | null {
  try {
    const loaded: unknown = createRequire(import.meta.url)('@node-rs/crc32');
    if (typeof loaded !== 'object' || loaded === null || !('crc32c' in loaded)) return null;
    return typeof loaded.crc32c === 'function' ? (loaded.crc32c as Crc32c) : null; // its own types
  } catch {
    return null;
  }
}

export const crc32c: Crc32c = nativeCrc32c() ?? ((bytes) => crc32cByTable(bytes));

/** Up to here the tables are done before a view is made and native code is entered. */
const maxTableBytes = 64;

/** The checksum of a stretch of a buffer. */
export function crc32cOfRange(buffer: Buffer, start: number, end: number): number {
  if (end - start <= maxTableBytes) return crc32cByTable(buffer, start, end);
  return crc32c(buffer.subarray(start, end));
}
