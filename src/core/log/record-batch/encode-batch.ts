import { SerdeError } from '../../model/errors.ts';
import type { Headers } from '../../model/headers.ts';
import {
  BatchAttribute,
  BatchField,
  headerBytes,
  lengthOverheadBytes,
  writeLongAt,
} from './batch-header.ts';
import { crc32c } from './crc32c.ts';
import type { BatchStamp, BuilderMark, RecordBatchBuilder } from './record-batch-builder.ts';
import { scratchBuffer, releaseScratch } from './scratch.ts';
import { intSize, longSize, writeInt, writeLong } from './varint.ts';

export interface BuilderOptions {
  /** Reserved at once; more is taken as it is needed. */
  readonly initialBytes?: number;
}

const maxBatchBytes = 2 ** 31 - 1;
/** Text up to this length is written by a loop, which beats the call into native code. */
const maxLoopedText = 24;
/** The same for bytes: keys, mostly. */
const maxLoopedBytes = 24;
const maxLengthBytes = 5;
const textSlackBytes = 4;

type Utf8Write = (this: Buffer, text: string, offset: number, length: number) => number;

/** What `Buffer.write` calls for UTF-8, without its checks of arguments. */
const utf8Write: Utf8Write =
  (Buffer.prototype as { readonly utf8Write?: Utf8Write }).utf8Write ?? // Node's types leave it out
  function (text, offset, length) {
    return this.write(text, offset, length, 'utf8');
  };

/**
 * Encodes records into a Kafka v2 batch. `finish` hands out a buffer of exactly the batch's size;
 * the memory it grew in goes to the next builder.
 */
export function createRecordBatchBuilder(options: BuilderOptions = {}): RecordBatchBuilder {
  return new GrowingBatch(scratchBuffer(Math.max(options.initialBytes ?? 0, headerBytes)));
}

class GrowingBatch implements RecordBatchBuilder {
  count = 0;
  byteLength = headerBytes;
  private baseTimestamp = -1;
  /** No text so far took more bytes than its length. */
  private isAscii = true;
  private maxTimestamp = -1;

  constructor(private buffer: Buffer) {}

  append(
    timestamp: number,
    key: Uint8Array | string | null,
    value: Uint8Array | string | null,
    headers: Headers,
  ): void {
    if (this.count === 0) this.baseTimestamp = timestamp;
    let end = this.isAscii ? this.write(timestamp, key, value, headers) : -1;
    if (end < 0) {
      // Some text is not ASCII: from now on its bytes are counted before they are written.
      this.isAscii = false;
      end = this.write(timestamp, key, value, headers);
    }
    this.byteLength = end;
    this.maxTimestamp = this.count === 0 ? timestamp : Math.max(this.maxTimestamp, timestamp);
    this.count++;
  }

  mark(): BuilderMark {
    return { count: this.count, byteLength: this.byteLength, maxTimestamp: this.maxTimestamp };
  }

  truncate(mark: BuilderMark): void {
    this.count = mark.count;
    this.byteLength = mark.byteLength;
    this.maxTimestamp = mark.maxTimestamp;
  }

  finish(stamp: BatchStamp): Buffer {
    const scratch = this.buffer;
    const batch = Buffer.allocUnsafe(this.byteLength);
    scratch.copy(batch, headerBytes, headerBytes, this.byteLength);
    releaseScratch(scratch);
    this.buffer = batch;
    writeLongAt(batch, BatchField.baseOffset, stamp.baseOffset);
    batch.writeInt32BE(batch.length - lengthOverheadBytes, BatchField.batchLength);
    batch.writeInt32BE(-1, BatchField.leaderEpoch);
    batch[BatchField.magic] = 2;
    const attributes = stamp.isTransactional ? BatchAttribute.transactional : 0;
    batch.writeInt16BE(attributes, BatchField.attributes);
    batch.writeInt32BE(Math.max(this.count - 1, 0), BatchField.lastOffsetDelta);
    writeLongAt(batch, BatchField.baseTimestamp, this.count === 0 ? -1 : this.baseTimestamp);
    writeLongAt(batch, BatchField.maxTimestamp, this.maxTimestamp);
    writeLongAt(batch, BatchField.producerId, stamp.producerId);
    batch.writeInt16BE(stamp.producerEpoch, BatchField.producerEpoch);
    batch.writeInt32BE(stamp.baseSequence, BatchField.baseSequence);
    batch.writeInt32BE(this.count, BatchField.recordCount);
    writeCrc(batch);
    return batch;
  }

  private reserve(bytes: number): void {
    const needed = this.byteLength + bytes;
    if (needed <= this.buffer.length) return;
    if (needed > maxBatchBytes) {
      throw new SerdeError(
        'RECORD_TOO_LARGE',
        `A record batch would take ${needed} bytes; the format takes ${maxBatchBytes}. ` +
          'Write less per record, or commit more often.',
      );
    }
    const doubled = Math.min(this.buffer.length * 2, maxBatchBytes);
    const grown = scratchBuffer(Math.max(needed, doubled));
    this.buffer.copy(grown, 0, 0, this.byteLength);
    releaseScratch(this.buffer);
    this.buffer = grown;
  }

  /**
   * Writes a record behind the others; answers its end, or -1 if text took more than its length.
   */
  private write(
    timestamp: number,
    key: Uint8Array | string | null,
    value: Uint8Array | string | null,
    headers: Headers,
  ): number {
    const delta = timestamp - this.baseTimestamp;
    const keyBytes = fieldBytes(key, this.isAscii);
    const valueBytes = fieldBytes(value, this.isAscii);
    const fixedBytes = 1 + longSize(delta) + intSize(this.count);
    const length =
      fixedBytes +
      sizeOf(keyBytes) +
      sizeOf(valueBytes) +
      (headers.size === 0 ? 1 : headersSize(headers));
    this.reserve(length + maxLengthBytes + textSlackBytes);
    const { buffer } = this;
    let at = writeInt(buffer, this.byteLength, length);
    buffer[at++] = 0;
    at = writeLong(buffer, at, delta);
    at = writeInt(buffer, at, this.count);
    at = writeField(buffer, at, key, keyBytes);
    if (at < 0) return at;
    at = writeField(buffer, at, value, valueBytes);
    if (at < 0) return at;
    if (headers.size > 0) return writeHeaders(buffer, at, headers);
    buffer[at++] = 0;
    return at;
  }
}

/** Puts the checksum of a changed batch right. */
export function writeCrc(batch: Buffer): void {
  batch.writeUInt32BE(crc32c(batch.subarray(BatchField.attributes)), BatchField.crc);
}

/** -1 for null. */
function fieldBytes(field: Uint8Array | string | null, isAscii: boolean): number {
  if (field === null) return -1;
  return typeof field === 'string' && !isAscii ? Buffer.byteLength(field) : field.length;
}

/** A field with its length. */
function sizeOf(fieldBytes: number): number {
  return intSize(fieldBytes) + Math.max(fieldBytes, 0);
}

/** Answers the position after the field, or -1 if its text is not as long in bytes. */
function writeField(
  buffer: Buffer,
  start: number,
  field: Uint8Array | string | null,
  bytes: number,
): number {
  const at = writeInt(buffer, start, bytes);
  if (field === null || bytes === 0) return at;
  if (typeof field !== 'string') {
    if (bytes > maxLoopedBytes) buffer.set(field, at);
    else for (let index = 0; index < bytes; index++) buffer[at + index] = field[index] as number; // below its length
    return at + bytes;
  }
  if (bytes <= maxLoopedText && writeAscii(buffer, at, field) === bytes) return at + bytes;
  // The slack shows text that would not fit: UTF-8 never stops more than 3 bytes before a limit.
  const written = utf8Write.call(buffer, field, at, bytes + textSlackBytes);
  return written === bytes ? at + bytes : -1;
}

/** Answers how many bytes stand for the text, or -1 at the first character that is not ASCII. */
function writeAscii(buffer: Buffer, start: number, text: string): number {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) return -1;
    buffer[start + index] = code;
  }
  return text.length;
}

function headersSize(headers: Headers): number {
  let size = intSize(headers.size);
  for (const [name, value] of headers.entries()) {
    const nameBytes = Buffer.byteLength(name);
    size += intSize(nameBytes) + nameBytes + intSize(value.length) + value.length;
  }
  return size;
}

function writeHeaders(buffer: Buffer, start: number, headers: Headers): number {
  let at = writeInt(buffer, start, headers.size);
  for (const [name, value] of headers.entries()) {
    const nameBytes = Buffer.byteLength(name);
    at = writeInt(buffer, at, nameBytes);
    at += buffer.write(name, at, nameBytes, 'utf8');
    at = writeInt(buffer, at, value.length);
    buffer.set(value, at);
    at += value.length;
  }
  return at;
}
