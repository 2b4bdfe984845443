import { crc32cOfRange } from '../core/log/record-batch/crc32c.ts';
import { StoreError } from '../core/model/errors.ts';
import { type ByteWriter, readInt64 } from './byte-writer.ts';

/**
 * Two layouts: `u8 1 · i64 timestamp · payload · u32 CRC32C` for values of version 1 of their
 * format, and `u8 2 · i64 timestamp · payload · u32 version · u32 CRC32C` for all others.
 */
const firstVersionFormat = 1;
const versionedFormat = 2;
const headerBytes = 9;
const versionBytes = 4;
const checksumBytes = 4;
export const envelopeBytes = headerBytes + checksumBytes;

/** A value's bytes, and the version of the format they are in. */
export interface VersionedPayload {
  readonly payload: Uint8Array | string;
  readonly version: number;
}

/**
 * Writes the envelope of a value right behind its key, which begins at `keyStart`. The checksum
 * covers the key too, so that a row found under another key is noticed.
 */
export function writeEnvelope(
  writer: ByteWriter,
  keyStart: number,
  timestamp: number,
  { payload, version }: VersionedPayload,
): void {
  const isFirst = version === 1;
  writer.byte(isFirst ? firstVersionFormat : versionedFormat);
  writer.int64(timestamp);
  writer.serialized(payload);
  if (!isFirst) writer.uint32(version);
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
  const format = envelope[0] ?? 0;
  if (format === firstVersionFormat) return;
  if (format === versionedFormat && envelope.length >= envelopeBytes + versionBytes) return;
  throw new StoreError(
    'FORMAT_NEWER',
    `A row of store '${store}' has format ${format}; this version reads up to ${versionedFormat}. ` +
      'Run the newer version.',
    { where: { store } },
  );
}

export function envelopeTimestamp(envelope: Buffer): number {
  return readInt64(envelope, 1);
}

export const payloadStart = headerBytes;

export function payloadEnd(envelope: Uint8Array): number {
  const end = envelope.length - checksumBytes;
  return envelope[0] === versionedFormat ? end - versionBytes : end;
}

/** The version of the value's format. */
export function payloadVersion(envelope: Buffer): number {
  return envelope[0] === versionedFormat ? envelope.readUInt32BE(payloadEnd(envelope)) : 1;
}

/** The checksum that stands in a row; it stands for key and value. */
export function envelopeChecksum(envelope: Uint8Array): number {
  const at = envelope.length - checksumBytes;
  return Buffer.from(envelope.buffer, envelope.byteOffset + at, checksumBytes).readUInt32BE(0);
}
