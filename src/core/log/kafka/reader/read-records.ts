import { andThen, isPromise, type MaybePromise } from '../../../model/maybe-promise.ts';
import type { ReaderOptions, TopicPartition } from '../../port.ts';
import { type BatchHeader, headerBytes, readBatchHeader } from '../../record-batch/batch-header.ts';
import { readMarker } from '../../record-batch/control-batch.ts';
import { corruptBatch } from '../../record-batch/corrupt-batch.ts';
import { checkBatch, decodeBatch } from '../../record-batch/decode-batch.ts';
import type { Decompress } from '../../record-batch/decompress.ts';
import type { RecordBatch } from '../../record-batch/record-batch.ts';
import { AbortedFilter, type AbortedTransaction } from './aborted-filter.ts';

export interface RecordsToRead extends ReaderOptions {
  readonly place: TopicPartition;
  /** What was asked for; a first batch may begin before it. */
  readonly offset: number;
  readonly aborted: readonly AbortedTransaction[];
  readonly decompress: Decompress;
}

export interface ReadRecords {
  readonly batches: readonly RecordBatch[];
  readonly nextOffset: number;
}

/**
 * The batches of one partition of a fetch answer, as views of it: data only, and of committed
 * transactions only where that was asked for. A cut batch at the end is left for the next fetch. A
 * damaged one is an error only where nothing could be read before it: the next fetch begins there.
 *
 * @throws {LogError} `CORRUPT_BATCH`, `UNSUPPORTED_CODEC`, `OFFSET_TOO_LARGE`.
 */
export async function readRecords(records: Buffer, options: RecordsToRead): Promise<ReadRecords> {
  const batches: RecordBatch[] = [];
  const filter = new AbortedFilter(options.isolation === 'read-committed' ? options.aborted : []);
  let nextOffset = options.offset;
  let start = 0;
  try {
    for (;;) {
      const header = wholeHeader(records, start, options.place);
      if (header === null) break;
      const end = start + header.byteLength;
      const read = readBatch(records.subarray(start, end), header, filter, options);
      const batch = isPromise(read) ? await read : read;
      if (batch !== null) batches.push(batch);
      nextOffset = Math.max(nextOffset, header.baseOffset + header.lastOffsetDelta + 1);
      start = end;
    }
  } catch (error) {
    if (nextOffset === options.offset) throw error;
    return { batches, nextOffset };
  }
  if (start === 0 && records.length > 0) {
    // Brokers send the first batch whole, however large it is.
    throw corruptBatch('it is cut off', 0, { ...options.place, offset: options.offset });
  }
  return { batches, nextOffset };
}

/** Null at the end, and for a batch whose end is missing. */
function wholeHeader(records: Buffer, start: number, place: TopicPartition): BatchHeader | null {
  if (records.length - start < headerBytes) return null;
  const header = readBatchHeader(records, start, place);
  return records.length - start < header.byteLength ? null : header;
}

/** Null for what the caller does not see. */
function readBatch(
  bytes: Buffer,
  header: BatchHeader,
  filter: AbortedFilter,
  { place, offset, decompress }: RecordsToRead,
): MaybePromise<RecordBatch | null> {
  const { baseOffset, producerId, isTransactional } = header;
  const where = { ...place, offset: baseOffset };
  checkBatch(bytes, where);
  const lastOffset = baseOffset + header.lastOffsetDelta;
  const isAborted = filter.isAborted({ producerId, isTransactional, lastOffset });
  if (header.isControl) {
    if (readMarker(decodeBatch(bytes, { where })) === 'abort') filter.end(producerId);
    return null;
  }
  if (isAborted || header.count === 0 || lastOffset < offset) return null;
  const plain = header.codec === 0 ? bytes : decompress(bytes, where);
  return andThen(plain, (batch) => decodeBatch(batch, { where }));
}
