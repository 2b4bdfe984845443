import type { FetchedPartition, PartitionEnds, TopicPartition } from '../../port.ts';
import type { RecordBatch } from '../../record-batch/record-batch.ts';

/** What was read of a partition and not yet handed out. Replaced, never changed. */
export interface FetchedRun {
  /** Where its owner is. */
  readonly startOffset: number;
  readonly nextOffset: number;
  readonly batches: readonly RecordBatch[];
}

/** Why a partition cannot be read at the moment. */
export interface Trouble {
  readonly sinceMs: number;
  readonly attempts: number;
}

/** One partition that is read, with at most one answer waiting. */
export class FetchSlot {
  run: FetchedRun;
  /** As the last answer told them. */
  ends: PartitionEnds | null = null;
  /** Null: to be looked up. */
  leader: number | null = null;
  /** Under way: a request, the look-up of its leader, or the wait before it is tried again. */
  isBusy = false;
  /** Whether to read on before it is asked for: there was more behind what was handed out. */
  runsAhead = false;
  /** The fetch during which the last answered request was sent. */
  answeredIn = -1;
  trouble: Trouble | null = null;
  /** For its owner, once. */
  failure: unknown = null;
  /** A damaged batch was found at its position and is fetched once more. */
  isSuspect = false;
  askedAtMs = 0;
  /** Orders requests, so that each partition gets its share of an answer. */
  servedIn = -1;

  constructor(
    readonly place: TopicPartition,
    offset: number,
  ) {
    this.run = { startOffset: offset, nextOffset: offset, batches: [] };
  }

  get hasData(): boolean {
    return this.run.batches.length > 0;
  }

  get hasProgress(): boolean {
    return this.run.nextOffset > this.run.startOffset;
  }

  get waitingBytes(): number {
    return this.run.batches.reduce((sum, { buffer }) => sum + buffer.length, 0);
  }

  /** Where a request would go on. */
  get offset(): number {
    return this.run.nextOffset;
  }

  /** What was read for another position is thrown away. */
  moveTo(offset: number): void {
    if (this.run.startOffset === offset) return;
    this.run = { startOffset: offset, nextOffset: offset, batches: [] };
    this.failure = null;
    this.isSuspect = false;
    this.runsAhead = false;
  }

  /** Adds an answer to what is waiting. */
  extend(batches: readonly RecordBatch[], nextOffset: number): void {
    const { startOffset } = this.run;
    this.run = { startOffset, nextOffset, batches };
    this.isSuspect = false;
    if (batches.length === 0) this.runsAhead = false;
  }

  /** What is waiting, for the fetch of this number. */
  peek(fetch: number): FetchedPartition {
    const { nextOffset, batches } = this.run;
    return { ...this.place, batches, nextOffset, ends: this.endsIn(fetch) };
  }

  /** What is waiting was handed out. */
  advance(fetch: number): void {
    const { nextOffset, batches } = this.run;
    if (batches.length > 0) this.servedIn = fetch;
    this.run = { startOffset: nextOffset, nextOffset, batches: [] };
    this.runsAhead = nextOffset < (this.ends?.lastStableOffset ?? 0);
  }

  /**
   * Ends that were not asked for since the fetch began may lie further by now: nobody may conclude
   * from them that the end was reached.
   */
  private endsIn(fetch: number): PartitionEnds {
    const { ends, offset } = this;
    if (ends !== null && this.answeredIn === fetch) return ends;
    const beyond = offset + 1;
    if (ends === null) {
      return { logStartOffset: 0, lastStableOffset: beyond, logEndOffset: beyond };
    }
    return { ...ends, logEndOffset: Math.max(ends.logEndOffset, beyond) };
  }
}
