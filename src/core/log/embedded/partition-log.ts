import { invariant } from '../../model/invariant.ts';
import type { PartitionEnds, ReaderOptions, TopicPartition } from '../port.ts';
import { type BatchHeader, readBatchHeader, writeLongAt } from '../record-batch/batch-header.ts';
import {
  encodeMarker,
  readMarker,
  type TransactionOutcome,
} from '../record-batch/control-batch.ts';
import { decodeBatch } from '../record-batch/decode-batch.ts';
import { type BatchEntry, entryOf } from './batch-entry.ts';
import type { LogStorage } from './log-storage.ts';
import { ProducerSequences } from './producer-sequences.ts';
import { partitionRow } from './row-keys.ts';

/** What one fetch takes of a partition. */
export interface Selection {
  readonly entries: readonly BatchEntry[];
  readonly nextOffset: number;
}

export interface SelectOptions extends ReaderOptions {
  readonly maxBytes: number;
}

export interface MarkerStamp {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly timestamp: number;
}

/** One partition: an index of its batches in order of offset, and the transactions open in it. */
export class PartitionLog {
  readonly sequences: ProducerSequences;
  private entries: BatchEntry[] = [];
  private startOffset = 0;
  private endOffset = 0;
  /** Set once its topic is gone: a transaction that is still open here must leave no rows. */
  private isDeleted = false;
  /** By producer id, in order of their first offset: a Map keeps the order of insertion. */
  private readonly openTransactions = new Map<number, BatchEntry[]>();

  constructor(
    readonly place: TopicPartition,
    private readonly storage: LogStorage,
  ) {
    this.sequences = new ProducerSequences(place);
  }

  get ends(): PartitionEnds {
    const [oldest] = this.openTransactions.values();
    return {
      logStartOffset: this.startOffset,
      lastStableOffset: oldest?.[0]?.baseOffset ?? this.endOffset,
      logEndOffset: this.endOffset,
    };
  }

  get batches(): readonly BatchEntry[] {
    return this.entries;
  }

  /** Keeps the buffer as it is, with its base offset written into it. */
  append(header: BatchHeader, bytes: Buffer): number {
    const baseOffset = this.endOffset;
    writeLongAt(bytes, 0, baseOffset);
    const entry = entryOf(header, baseOffset, bytes);
    this.sequences.record(header, baseOffset);
    this.push(entry);
    this.keep(entry);
    return baseOffset;
  }

  /** Ends a producer's transaction here; the marker takes one offset. */
  appendMarker(outcome: TransactionOutcome, stamp: MarkerStamp): void {
    const bytes = encodeMarker({
      ...stamp,
      outcome,
      baseOffset: this.endOffset,
      coordinatorEpoch: 0,
    });
    const entry = entryOf(readBatchHeader(bytes), this.endOffset, bytes);
    this.push(entry);
    this.endTransaction(stamp.producerId, outcome);
    this.keep(entry);
  }

  /** A batch of an earlier life, in order of offset; of a control batch all bytes are needed. */
  reload(bytes: Buffer): void {
    const header = readBatchHeader(bytes, 0, this.place);
    const entry = entryOf(header, header.baseOffset, null);
    this.push(entry);
    if (!header.isControl) return;
    const outcome = readMarker(decodeBatch(bytes, { where: this.place }));
    if (outcome !== null) this.endTransaction(header.producerId, outcome);
  }

  /** Bounds of an earlier life, after its batches. */
  reloadBounds(startOffset: number, endOffset: number): void {
    this.startOffset = startOffset;
    this.endOffset = Math.max(this.endOffset, endOffset);
  }

  /** The producers with an open transaction, each with the epoch it began in. */
  openProducers(): readonly { readonly producerId: number; readonly producerEpoch: number }[] {
    return [...this.openTransactions.values()].flatMap((entries) => entries.slice(0, 1));
  }

  /** Batches from `offset` on. The first may begin before it, as in Kafka. */
  select(offset: number, { isolation, maxBytes }: SelectOptions): Selection {
    const isCommitted = isolation === 'read-committed';
    const limit = isCommitted ? this.ends.lastStableOffset : this.endOffset;
    const entries: BatchEntry[] = [];
    let bytes = 0;
    for (let index = this.indexOf(offset); index < this.entries.length; index++) {
      const entry = this.entries[index];
      if (entry === undefined || entry.baseOffset >= limit) break;
      if (entry.isControl || (isCommitted && entry.isAborted)) continue;
      if (entries.length > 0 && bytes + entry.byteLength > maxBytes) {
        return { entries, nextOffset: entry.baseOffset };
      }
      entries.push(entry);
      bytes += entry.byteLength;
    }
    // Markers, aborted records and holes up to the limit count as read.
    return { entries, nextOffset: Math.max(offset, limit) };
  }

  /** Moves the log's start; batches wholly before it go. */
  deleteBefore(offset: number): void {
    if (offset <= this.startOffset) return;
    invariant(offset <= this.endOffset, 'Records beyond the end cannot be deleted.');
    this.startOffset = offset;
    const kept = this.indexOf(offset);
    for (const entry of this.entries.slice(0, kept)) this.storage.deleteBatch(this.place, entry);
    this.entries = this.entries.slice(kept);
    this.putBounds();
  }

  /** Puts rewritten batches in the place of those they come from; null removes one. */
  replace(rewritten: ReadonlyMap<BatchEntry, BatchEntry | null>): void {
    const kept: BatchEntry[] = [];
    for (const entry of this.entries) {
      const replacement = rewritten.get(entry);
      if (replacement !== null) kept.push(replacement ?? entry);
      if (replacement === null) this.storage.deleteBatch(this.place, entry);
      else if (replacement !== undefined) this.storage.putBatch(this.place, replacement);
    }
    this.entries = kept;
    // The last batch may be gone, and with it the only trace of the end.
    this.putBounds();
  }

  /** Its topic is deleted. */
  delete(): void {
    for (const entry of this.entries) this.storage.deleteBatch(this.place, entry);
    this.storage.deleteRow(partitionRow(this.place));
    this.entries = [];
    this.isDeleted = true;
  }

  private keep(entry: BatchEntry): void {
    if (!this.isDeleted) this.storage.putBatch(this.place, entry);
  }

  private putBounds(): void {
    if (this.isDeleted) return;
    const bounds = { start: this.startOffset, end: this.endOffset };
    this.storage.putRow(partitionRow(this.place), JSON.stringify(bounds));
  }

  private push(entry: BatchEntry): void {
    this.entries.push(entry);
    this.endOffset = entry.nextOffset;
    if (!entry.isTransactional || entry.isControl) return;
    const open = this.openTransactions.get(entry.producerId);
    if (open === undefined) this.openTransactions.set(entry.producerId, [entry]);
    else open.push(entry);
  }

  private endTransaction(producerId: number, outcome: TransactionOutcome): void {
    const open = this.openTransactions.get(producerId) ?? [];
    if (outcome === 'abort') for (const entry of open) entry.isAborted = true;
    this.openTransactions.delete(producerId);
  }

  /** Index of the first batch that ends after `offset`. */
  private indexOf(offset: number): number {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.entries[middle]?.nextOffset ?? Infinity) > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
