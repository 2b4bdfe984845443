import { andThen, type MaybePromise } from '../../model/maybe-promise.ts';
import { readBatchHeader } from '../record-batch/batch-header.ts';
import { decodeBatch } from '../record-batch/decode-batch.ts';
import type { RecordBatch } from '../record-batch/record-batch.ts';
import { retainRecords } from '../record-batch/retain-records.ts';
import { type BatchEntry, entryOf } from './batch-entry.ts';
import { murmur2 } from '../murmur2.ts';
import type { LogStorage } from './log-storage.ts';
import type { PartitionLog } from './partition-log.ts';

export interface CompactionOptions {
  readonly storage: LogStorage;
  readonly settings: ReadonlyMap<string, string>;
  readonly nowMs: number;
}

/** So many are held in memory at once; a partition with more is gone through several times. */
const maxKeysPerPass = 250_000;
/** Kafka's default. */
const deleteRetentionMs = 86_400_000;

/**
 * Keeps the last record of each key below the last stable offset: finds it, then rewrites the
 * batches that lose records. Where there may be too many keys for memory, it does so for one share
 * of the keys after the other. Tombstones go once they are older than
 * `delete.retention.ms`, markers with the data they end; records without a key stay. Rewritten
 * batches cover the offsets they did.
 */
export function compactPartition(
  partition: PartitionLog,
  options: CompactionOptions,
): MaybePromise<void> {
  const records = partition.batches.reduce((sum, { count }) => sum + count, 0);
  const shares = Math.max(Math.ceil(records / maxKeysPerPass), 1);
  let done: MaybePromise<void> = undefined;
  for (let share = 0; share < shares; share++) {
    done = andThen(done, () => compactShare(partition, options, { share, shares }));
  }
  return done;
}

/** The keys whose hash lies in that part of all hashes: the remainder tells partitions apart. */
interface KeyShare {
  readonly share: number;
  readonly shares: number;
}

function compactShare(
  partition: PartitionLog,
  options: CompactionOptions,
  keys: KeyShare,
): MaybePromise<void> {
  const pass = new CompactionPass(partition, options, keys);
  const found = pass.eachBatch((_entry, batch) => pass.findLast(batch));
  const rewritten = andThen(found, () =>
    pass.eachBatch((entry, batch) => pass.rewrite(entry, batch)),
  );
  return andThen(rewritten, () => pass.apply());
}

class CompactionPass {
  private readonly settled: readonly BatchEntry[];
  private readonly expiredMs: number;
  /** By key, as text of its bytes. */
  private readonly lastOffsets = new Map<string, number>();
  private readonly rewritten = new Map<BatchEntry, BatchEntry | null>();

  constructor(
    private readonly partition: PartitionLog,
    private readonly options: CompactionOptions,
    private readonly keys: KeyShare,
  ) {
    const { lastStableOffset } = partition.ends;
    this.settled = partition.batches.filter(({ nextOffset }) => nextOffset <= lastStableOffset);
    const retentionMs = Number(options.settings.get('delete.retention.ms') ?? deleteRetentionMs);
    this.expiredMs = options.nowMs - retentionMs;
    for (const entry of this.settled) if (entry.isAborted) this.rewritten.set(entry, null);
  }

  /** Visits the committed batches with records, one in memory at a time. */
  eachBatch(visit: (entry: BatchEntry, batch: RecordBatch) => void): MaybePromise<void> {
    const { storage } = this.options;
    const { place } = this.partition;
    let done: MaybePromise<void> = undefined;
    for (const entry of this.settled) {
      if (entry.isControl || entry.isAborted || entry.count === 0) continue;
      done = andThen(done, () =>
        andThen(storage.readBatches(place, [entry]), ([bytes]) => {
          // Deleted meanwhile: nothing is left to compact.
          if (bytes !== null && bytes !== undefined) {
            visit(entry, decodeBatch(bytes, { where: place }));
          }
        }),
      );
    }
    return done;
  }

  findLast(batch: RecordBatch): void {
    for (let index = 0; index < batch.count; index++) {
      const key = batch.key(index);
      if (key === null || !this.isOurs(key)) continue;
      this.lastOffsets.set(key.toString('latin1'), batch.offset(index));
    }
  }

  rewrite(entry: BatchEntry, batch: RecordBatch): void {
    const bytes = retainRecords(batch, (index) => this.isKept(batch, index));
    if (bytes === batch.buffer) return;
    const header = readBatchHeader(bytes, 0, this.partition.place);
    this.rewritten.set(entry, entryOf(header, entry.baseOffset, bytes));
  }

  apply(): void {
    this.dropEmptied();
    this.dropMarkers();
    if (this.rewritten.size > 0) this.partition.replace(this.rewritten);
  }

  private isKept(batch: RecordBatch, index: number): boolean {
    const key = batch.key(index);
    if (key === null || !this.isOurs(key)) return true;
    if (this.lastOffsets.get(key.toString('latin1')) !== batch.offset(index)) return false;
    return batch.valueStart(index) >= 0 || batch.timestamp(index) > this.expiredMs;
  }

  private isOurs(key: Buffer): boolean {
    const { share, shares } = this.keys;
    return shares === 1 || Math.floor(((murmur2(key) >>> 0) * shares) / 2 ** 32) === share;
  }

  /** As in Kafka, the last batch of a producer stays even without records. */
  private dropEmptied(): void {
    const lastOf = new Map<number, BatchEntry>();
    for (const entry of this.partition.batches) {
      if (!entry.isControl) lastOf.set(entry.producerId, entry);
    }
    for (const entry of this.settled) {
      const isEmpty = (this.rewritten.get(entry) ?? entry).count === 0;
      if (isEmpty && lastOf.get(entry.producerId) !== entry) this.rewritten.set(entry, null);
    }
  }

  /** A marker stays as long as data it ends: without it they would seem open after a reload. */
  private dropMarkers(): void {
    const hasData = new Set<number>();
    for (const entry of this.settled) {
      const isGone = this.rewritten.get(entry) === null;
      if (!entry.isControl) {
        if (!isGone) hasData.add(entry.producerId);
        continue;
      }
      const isNeeded = hasData.delete(entry.producerId);
      if (!isNeeded) this.rewritten.set(entry, null);
    }
  }
}
