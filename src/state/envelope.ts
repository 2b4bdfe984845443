import { crc32cOfRange } from '../core/log/record-batch/crc32c.ts';
import { StoreError } from '../core/model/errors.ts';
import { type ByteWriter, readInt64 } from './byte-writer.ts';

/** The only layout so far: `u8 format · i64 timestamp · payload · u32 CRC32C`. */
const rowFormat = 1;
const headerBytes = 9;
const checksumBytes = 4;
export const envelopeBytes = headerBytes + checksumBytes;

/**
 * Writes the envelope of a value right behind its key, which begins at `keyStart`. The checksum
 * covers the key too, so that a row found under another key is noticed.
 */
export function writeEnvelope(
  writer: ByteWriter,
  keyStart: number,
  timestamp: number,
  payload: Uint8Array | string,
): void {
  writer.byte(rowFormat);
  writer.int64(timestamp);
  writer.serialized(payload);
  writer.uint32(crc32cOfRange(writer.buffer, keyStart, writer.length));
}

/** Why a row is not what was written, or null. The key stands in the writer from `keyStart`. */
export function envelopeDamage(
  writer: ByteWriter,
  keyStart: number,
  envelope: Uint8Array,
): string | null {
  if (envelope.length < envelopeBytes) return 'is too short';
  const keyEnd = writer.length;
  writer.bytes(envelope);
  const end = writer.length - checksumBytes;
  const checksum = crc32cOfRange(writer.buffer, keyStart, end);
  writer.length = keyEnd;
  if (checksum !== writer.buffer.readUInt32BE(end)) return 'has a wrong checksum';
  return null;
}

/** @throws {StoreError} `FORMAT_NEWER`. To be called once the checksum is known to be right. */
export function checkFormat(envelope: Uint8Array, store: string): void {
  if (envelope[0] === rowFormat) return;
  throw new StoreError(
    'FORMAT_NEWER',
    `A row of store '${store}' has format ${envelope[0]}; this version reads ${rowFormat}. ` +
      'Run the newer version.',
    { where: { store } },
  );
}

export function envelopeTimestamp(envelope: Buffer): number {
  return readInt64(envelope, 1);
}

export const payloadStart = headerBytes;

export function payloadEnd(envelope: Uint8Array): number {
  return envelope.length - checksumBytes;
}

/** The checksum that stands in a row; it stands for key and value. */
export function envelopeChecksum(envelope: Uint8Array): number {
  const at = envelope.length - checksumBytes;
  return Buffer.from(envelope.buffer, envelope.byteOffset + at, checksumBytes).readUInt32BE(0);
}
