import type { FetchedPartition } from '../log/port.ts';
import type { RecordBatch } from '../log/record-batch/record-batch.ts';
import type { BatchBounds } from './sink.ts';

/** A row where it lies, so that its record can still be told. */
export interface OutboxRow {
  readonly batch: RecordBatch;
  readonly index: number;
  readonly offset: number;
  readonly value: Uint8Array;
}

/** The rows of an outbox partition that were read and are not known to be delivered. */
export class OutboxRows {
  private rows: OutboxRow[] = [];
  private bytes = 0;
  private position: number;

  constructor(
    fromOffset: number,
    private readonly bounds: BatchBounds,
  ) {
    this.position = fromOffset;
  }

  /** Behind everything that was read. */
  get readTo(): number {
    return this.position;
  }

  get count(): number {
    return this.rows.length;
  }

  /** Two batches: one under way, one that fills. */
  get isFull(): boolean {
    const { maxRows, maxBytes } = this.bounds;
    return this.rows.length >= 2 * maxRows || this.bytes >= 2 * maxBytes;
  }

  /** How many rows came. */
  add({ batches, nextOffset }: FetchedPartition): number {
    const before = this.rows.length;
    for (const batch of batches) {
      for (let index = 0; index < batch.count; index += 1) {
        const offset = batch.offset(index);
        const value = batch.value(index);
        // A batch begins before the offset asked for when only its tail is due.
        if (offset < this.position || value === null) continue;
        this.rows.push({ batch, index, offset, value });
        this.bytes += value.byteLength;
      }
    }
    this.position = Math.max(this.position, nextOffset);
    return this.rows.length - before;
  }

  /** Whether the first rows make a whole batch of at most `maxRows`. */
  isWhole(maxRows: number): boolean {
    return this.rows.length >= maxRows || this.bytes >= this.bounds.maxBytes;
  }

  /** The first rows, within the bounds of a batch; one at least, whatever its size. */
  first(maxRows: number): readonly OutboxRow[] {
    const most = Math.min(maxRows, this.bounds.maxRows, this.rows.length);
    let count = 0;
    let bytes = 0;
    while (count < most) {
      bytes += this.rows[count]?.value.byteLength ?? 0;
      if (count > 0 && bytes > this.bounds.maxBytes) break;
      count += 1;
    }
    return this.rows.slice(0, count);
  }

  upTo(offset: number): readonly OutboxRow[] {
    const end = this.rows.findIndex((row) => row.offset >= offset);
    return end < 0 ? this.rows : this.rows.slice(0, end);
  }

  /** They are delivered. */
  dropUpTo(offset: number): void {
    const gone = this.upTo(offset);
    for (const { value } of gone) this.bytes -= value.byteLength;
    this.rows = this.rows.slice(gone.length);
  }
}
