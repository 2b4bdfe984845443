import { type ErrorPlace, LogError } from '../../model/errors.ts';
import { corruptBatch } from './corrupt-batch.ts';

/** Where the fields of a batch's header lie. */
export const BatchField = {
  baseOffset: 0,
  batchLength: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  recordCount: 57,
} as const;

/** Bytes of the header, all of it. */
export const headerBytes = 61;
/** Bytes before what `batchLength` counts. */
export const lengthOverheadBytes = 12;

export const BatchAttribute = {
  codecMask: 0x07,
  logAppendTime: 0x08,
  transactional: 0x10,
  control: 0x20,
} as const;

export interface BatchHeader {
  readonly baseOffset: number;
  /** Of the whole batch. */
  readonly byteLength: number;
  /** 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
  readonly codec: number;
  readonly isLogAppendTime: boolean;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  readonly lastOffsetDelta: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly count: number;
}

/**
 * Reads the header of the batch at `start`; the bytes behind it need not be there.
 *
 * @throws {LogError} `CORRUPT_BATCH`; `OFFSET_TOO_LARGE` above 2^53 - 1.
 */
export function readBatchHeader(bytes: Buffer, start = 0, where: ErrorPlace = {}): BatchHeader {
  if (bytes.length - start < headerBytes) throw corruptBatch('the header is cut', start, where);
  const magic = bytes.readInt8(start + BatchField.magic);
  if (magic !== 2) throw corruptBatch(`format ${magic} instead of 2`, start, where);
  const byteLength = lengthOverheadBytes + bytes.readInt32BE(start + BatchField.batchLength);
  if (byteLength < headerBytes) throw corruptBatch('its length is too small', start, where);
  const lastOffsetDelta = bytes.readInt32BE(start + BatchField.lastOffsetDelta);
  const count = bytes.readInt32BE(start + BatchField.recordCount);
  if (lastOffsetDelta < 0) throw corruptBatch('its last offset is negative', start, where);
  if (count < 0) throw corruptBatch('its record count is negative', start, where);
  const baseOffset = readLong(bytes, start + BatchField.baseOffset);
  checkOffset(baseOffset, lastOffsetDelta, { ...where, offset: baseOffset });
  const attributes = bytes.readInt16BE(start + BatchField.attributes);
  return {
    baseOffset,
    byteLength,
    codec: attributes & BatchAttribute.codecMask,
    isLogAppendTime: (attributes & BatchAttribute.logAppendTime) !== 0,
    isTransactional: (attributes & BatchAttribute.transactional) !== 0,
    isControl: (attributes & BatchAttribute.control) !== 0,
    lastOffsetDelta,
    baseTimestamp: readLong(bytes, start + BatchField.baseTimestamp),
    maxTimestamp: readLong(bytes, start + BatchField.maxTimestamp),
    producerId: readLong(bytes, start + BatchField.producerId),
    producerEpoch: bytes.readInt16BE(start + BatchField.producerEpoch),
    baseSequence: bytes.readInt32BE(start + BatchField.baseSequence),
    count,
  };
}

/** A signed 64-bit integer; rounded above 2^53. */
export function readLong(bytes: Buffer, position: number): number {
  return bytes.readInt32BE(position) * 0x1_0000_0000 + bytes.readUInt32BE(position + 4);
}

export function writeLongAt(bytes: Buffer, position: number, value: number): void {
  const high = Math.floor(value / 0x1_0000_0000);
  bytes.writeInt32BE(high, position);
  bytes.writeUInt32BE(value - high * 0x1_0000_0000, position + 4);
}

function checkOffset(baseOffset: number, lastOffsetDelta: number, where: ErrorPlace): void {
  if (baseOffset < 0) throw corruptBatch('its first offset is negative', 0, where);
  if (baseOffset + lastOffsetDelta < Number.MAX_SAFE_INTEGER) return;
  throw new LogError(
    'fatal',
    'OFFSET_TOO_LARGE',
    `Offset ${baseOffset} of '${where.topic ?? '?'}', partition ${where.partition ?? '?'}, is ` +
      'above 2^53 - 1 and cannot be read exactly. Write to a new topic.',
    { where },
  );
}
