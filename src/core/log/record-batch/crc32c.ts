import { createRequire } from 'node:module';

/** The checksum of `bytes`, as an unsigned number. */
export type Crc32c = (bytes: Uint8Array) => number;

/** CRC-32C (Castagnoli), reflected. */
const POLYNOMIAL = 0x82f63b78;

function sliceTables(): Uint32Array {
  const tables = new Uint32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    tables[byte] = crc;
  }
  for (let index = 256; index < tables.length; index++) {
    const before = tables[index - 256] ?? 0;
    tables[index] = (before >>> 8) ^ (tables[before & 0xff] ?? 0);
  }
  return tables;
}

const tables = sliceTables();

/** Eight bytes a step; every index is masked to its table. Used where the native module cannot be loaded. */
export const crc32cByTable: Crc32c = (bytes) => {
  const whole = bytes.length - (bytes.length % 8);
  let crc = -1;
  let at = 0;
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
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ tables[(crc ^ bytes[at]!) & 0xff]!;
  return ~crc >>> 0;
};

/** The native module is an optional dependency: five times as fast, and no more than that. */
function nativeCrc32c(): Crc32c | null {
  try {
    const loaded: unknown = createRequire(import.meta.url)('@node-rs/crc32');
    if (typeof loaded !== 'object' || loaded === null || !('crc32c' in loaded)) return null;
    return typeof loaded.crc32c === 'function' ? (loaded.crc32c as Crc32c) : null; // its own types
  } catch {
    return null;
  }
}

export const crc32c: Crc32c = nativeCrc32c() ?? crc32cByTable;
