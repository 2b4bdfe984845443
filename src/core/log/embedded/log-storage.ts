import type { MaybePromise } from '../../model/maybe-promise.ts';
import type { TopicPartition } from '../port.ts';
import type { BatchEntry } from './batch-entry.ts';

/**
 * Where the rows of an embedded log lie. Writes are queued in order; what was queued before one
 * `flush` becomes durable together or not at all. The first failure is final.
 */
export interface LogStorage {
  open(): MaybePromise<void>;
  /** Visits the rows whose key begins with `prefix`, in key order. */
  visitRows(prefix: string, visit: (key: string, value: Buffer) => void): MaybePromise<void>;
  putRow(key: string, value: Buffer | string): void;
  deleteRow(key: string): void;
  /** Also writes over a batch of the same base offset. `entry.bytes` must be there. */
  putBatch(place: TopicPartition, entry: BatchEntry): void;
  deleteBatch(place: TopicPartition, entry: BatchEntry): void;
  flush(): MaybePromise<void>;
  /** The bytes of batches, in order; null for one that was deleted meanwhile. */
  readBatches(
    place: TopicPartition,
    entries: readonly BatchEntry[],
  ): MaybePromise<readonly (Buffer | null)[]>;
  close(): MaybePromise<void>;
}
