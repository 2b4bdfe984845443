import type { BatchHeader } from '../record-batch/batch-header.ts';

/** A batch in a partition's index: what fetch, compaction and retention ask without its bytes. */
export interface BatchEntry {
  readonly baseOffset: number;
  readonly nextOffset: number;
  readonly byteLength: number;
  /** Records left in it. */
  readonly count: number;
  readonly maxTimestamp: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  /** Its transaction was aborted: read-committed passes it over. */
  isAborted: boolean;
  /** Null while only the storage has them. */
  bytes: Buffer | null;
}

export function entryOf(header: BatchHeader, baseOffset: number, bytes: Buffer | null): BatchEntry {
  return {
    baseOffset,
    nextOffset: baseOffset + header.lastOffsetDelta + 1,
    byteLength: header.byteLength,
    count: header.count,
    maxTimestamp: header.maxTimestamp,
    producerId: header.producerId,
    producerEpoch: header.producerEpoch,
    isTransactional: header.isTransactional,
    isControl: header.isControl,
    isAborted: false,
    bytes,
  };
}
