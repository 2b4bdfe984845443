import { type ErrorPlace, LogError } from '../../model/errors.ts';
import { type Headers, headersOf, noHeaders } from '../../model/headers.ts';
import { type BatchHeader, BatchField, headerBytes, readBatchHeader } from './batch-header.ts';
import { corruptBatch } from './corrupt-batch.ts';
import { crc32c } from './crc32c.ts';
import type { RecordBatch } from './record-batch.ts';
import { VarintReader } from './varint.ts';

export interface DecodeOptions {
  /** Compare the checksum; off by default. */
  readonly checkCrc?: boolean;
  /** Named in errors. */
  readonly where?: ErrorPlace;
}

/** Numbers kept per record: offset delta, start and end of key and value; headers follow. */
const stride = 5;
/** Length, attributes, two deltas, two lengths, header count: a byte each. */
const minRecordBytes = 7;

/**
 * Decodes one whole batch; bytes behind it are left alone.
 *
 * @throws {LogError} `CORRUPT_BATCH`, `OFFSET_TOO_LARGE`, `UNSUPPORTED_CODEC`.
 */
export function decodeBatch(bytes: Buffer, options: DecodeOptions = {}): RecordBatch {
  const { checkCrc = false, where = {} } = options;
  const header = readBatchHeader(bytes, 0, where);
  if (header.byteLength > bytes.length) throw corruptBatch('it is cut off', 0, where);
  const buffer = bytes.length === header.byteLength ? bytes : bytes.subarray(0, header.byteLength);
  const place = { ...where, offset: header.baseOffset };
  if (checkCrc) checkBatch(buffer, place);
  if (header.codec !== 0) throw unsupportedCodec(header.codec, place);
  return indexRecords(buffer, header, place);
}

/**
 * Decodes batches that lie one behind another. A last one that is cut off is left out, as at the
 * end of a fetch answer.
 *
 * @throws {LogError} as `decodeBatch`.
 */
export function decodeBatches(bytes: Buffer, options: DecodeOptions = {}): RecordBatch[] {
  const batches: RecordBatch[] = [];
  let start = 0;
  while (bytes.length - start >= headerBytes) {
    const { byteLength } = readBatchHeader(bytes, start, options.where);
    if (bytes.length - start < byteLength) break;
    batches.push(decodeBatch(bytes.subarray(start, start + byteLength), options));
    start += byteLength;
  }
  return batches;
}

/** Compares the checksum of one whole batch. @throws {LogError} `CORRUPT_BATCH`. */
export function checkBatch(batch: Buffer, where: ErrorPlace = {}): void {
  if (batch.length < headerBytes) throw corruptBatch('the header is cut', 0, where);
  if (crc32c(batch.subarray(BatchField.attributes)) === batch.readUInt32BE(BatchField.crc)) return;
  throw corruptBatch('its checksum is wrong', 0, where);
}

function unsupportedCodec(codec: number, where: ErrorPlace): LogError {
  const name = ['none', 'gzip', 'snappy', 'lz4', 'zstd'][codec] ?? `codec ${codec}`;
  return new LogError(
    'fatal',
    'UNSUPPORTED_CODEC',
    `The record batch at offset ${where.offset ?? '?'} is compressed with ${name}, which this ` +
      'log cannot read. Write to it uncompressed.',
    { where },
  );
}

/** One pass over the varints. */
function indexRecords(buffer: Buffer, header: BatchHeader, where: ErrorPlace): RecordBatch {
  const { count } = header;
  // A wrong count must not reserve memory for billions of records.
  if (count * minRecordBytes > buffer.length - headerBytes) {
    throw corruptBatch(`it is too short for ${count} records`, 0, where);
  }
  const places = new Int32Array(count * stride);
  const timestampDeltas = new Float64Array(count);
  const reader = new VarintReader(buffer, headerBytes, where);
  let lastDelta = -1;
  for (let index = 0; index < count; index++) {
    const end = recordEnd(reader, buffer, where);
    reader.position++; // The attributes of a record: none are defined.
    timestampDeltas[index] = reader.long();
    const offsetDelta = reader.int();
    if (offsetDelta <= lastDelta || offsetDelta > header.lastOffsetDelta) {
      throw corruptBatch(`offset delta ${offsetDelta} is out of order`, reader.position, where);
    }
    lastDelta = offsetDelta;
    indexFields(reader, places, index * stride, offsetDelta);
    // At least a count of 0 headers follows.
    if (reader.position >= end) throw corruptBatch('a record overflows', reader.position, where);
    reader.position = end;
  }
  if (reader.position === buffer.length)
    return new IndexedBatch(buffer, header, places, timestampDeltas);
  throw corruptBatch('bytes follow its records', reader.position, where);
}

function recordEnd(reader: VarintReader, buffer: Buffer, where: ErrorPlace): number {
  const length = reader.int();
  const end = reader.position + length;
  if (length >= minRecordBytes - 1 && end <= buffer.length) return end;
  throw corruptBatch(`a record of ${length} bytes does not fit`, reader.position, where);
}

function indexFields(
  reader: VarintReader,
  places: Int32Array,
  at: number,
  offsetDelta: number,
): void {
  places[at] = offsetDelta;
  const keyLength = reader.int();
  places[at + 1] = keyLength < 0 ? -1 : reader.position;
  if (keyLength > 0) reader.position += keyLength;
  places[at + 2] = reader.position;
  const valueLength = reader.int();
  places[at + 3] = valueLength < 0 ? -1 : reader.position;
  if (valueLength > 0) reader.position += valueLength;
  places[at + 4] = reader.position;
}

class IndexedBatch implements RecordBatch {
  readonly baseOffset: number;
  readonly nextOffset: number;
  readonly count: number;
  readonly maxTimestamp: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  private readonly baseTimestamp: number;

  constructor(
    readonly buffer: Buffer,
    header: BatchHeader,
    private readonly places: Int32Array,
    /** Null where the broker stamped the whole batch. */
    private readonly timestampDeltas: Float64Array | null,
  ) {
    this.baseOffset = header.baseOffset;
    this.nextOffset = header.baseOffset + header.lastOffsetDelta + 1;
    this.count = header.count;
    this.maxTimestamp = header.maxTimestamp;
    this.producerId = header.producerId;
    this.producerEpoch = header.producerEpoch;
    this.baseSequence = header.baseSequence;
    this.isTransactional = header.isTransactional;
    this.isControl = header.isControl;
    this.baseTimestamp = header.baseTimestamp;
    if (header.isLogAppendTime) this.timestampDeltas = null;
  }

  offset(index: number): number {
    return this.baseOffset + this.place(index, 0);
  }

  timestamp(index: number): number {
    if (this.timestampDeltas === null) return this.maxTimestamp;
    return this.baseTimestamp + (this.timestampDeltas[index] ?? outOfRange(index, this.count));
  }

  keyStart(index: number): number {
    return this.place(index, 1);
  }

  keyEnd(index: number): number {
    return this.place(index, 2);
  }

  valueStart(index: number): number {
    return this.place(index, 3);
  }

  valueEnd(index: number): number {
    return this.place(index, 4);
  }

  key(index: number): Buffer | null {
    const start = this.place(index, 1);
    return start < 0 ? null : this.buffer.subarray(start, this.place(index, 2));
  }

  value(index: number): Buffer | null {
    const start = this.place(index, 3);
    return start < 0 ? null : this.buffer.subarray(start, this.place(index, 4));
  }

  headers(index: number): Headers {
    const start = this.place(index, 4);
    // Most records have none, and their count is the one byte 0.
    return this.buffer[start] === 0
      ? noHeaders
      : decodeHeaders(this.buffer, start, this.baseOffset);
  }

  private place(index: number, field: number): number {
    return this.places[index * stride + field] ?? outOfRange(index, this.count);
  }
}

function outOfRange(index: number, count: number): never {
  throw new RangeError(`There is no record ${index} in a batch of ${count}.`);
}

function decodeHeaders(buffer: Buffer, start: number, offset: number): Headers {
  const where = { offset };
  const reader = new VarintReader(buffer, start, where);
  const count = reader.int();
  if (count < 0 || count > buffer.length - start) {
    throw corruptBatch(`a record has ${count} headers`, start, where);
  }
  const entries: (readonly [string, Uint8Array])[] = [];
  for (let index = 0; index < count; index++) {
    const name = takeBytes(reader, buffer, where).toString();
    entries.push([name, takeBytes(reader, buffer, where)]);
  }
  return headersOf(entries);
}

/** Null (a length of -1) is taken as empty. */
function takeBytes(reader: VarintReader, buffer: Buffer, where: ErrorPlace): Buffer {
  const length = Math.max(reader.int(), 0);
  const start = reader.position;
  if (start + length > buffer.length) throw corruptBatch('a header is cut off', start, where);
  reader.position = start + length;
  return buffer.subarray(start, reader.position);
}
