import type { FetchedPartition } from '../log/port.ts';
import type { RecordBatch } from '../log/record-batch/record-batch.ts';
import type { StreamRecord } from '../model/record.ts';
import type { EventClock } from './event-clock.ts';
import type { SourceReader } from './source-reader.ts';

export interface InputQueueOptions {
  readonly reader: SourceReader;
  readonly clock: EventClock;
  /** Records; above it the input is not fetched. */
  readonly maxBuffered: number;
  /** What the head waited for is there. */
  readonly onPrepared: () => void;
}

/** The records of one input partition in offset order; its head has survived the checks. */
export class InputQueue {
  private readonly batches: RecordBatch[] = [];
  private batch: RecordBatch | null = null;
  private index = 0;
  private count = 0;
  private record: StreamRecord<unknown, unknown> | null = null;
  private fetchedTo = 0;
  /** Where the partition ended when it was last fetched. */
  private endOffset: number | null = null;
  private consumedTo = 0;
  private isFetchAfterEmpty = false;
  /** What the head has to wait for before it is read. */
  private preparing: Promise<void> | null = null;
  /** Asked once for each head: it is then read, whatever came of it. */
  private isPrepared = false;
  /** Records seen so far, refused ones included. */
  seen = 0;
  /** Whether the end of the partition is known to be reached. */
  hasNoLag = false;

  constructor(
    readonly input: number,
    readonly topic: string,
    private readonly options: InputQueueOptions,
  ) {}

  startAt(offset: number): void {
    this.fetchedTo = offset;
    this.consumedTo = offset;
  }

  /** Where to fetch, or null while the queue is full. */
  fetchPosition(): number | null {
    if (this.count >= this.options.maxBuffered) return null;
    this.isFetchAfterEmpty = this.isEmpty;
    return this.fetchedTo;
  }

  enqueue({ batches, nextOffset, ends }: FetchedPartition): void {
    for (const batch of batches) {
      this.batches.push(batch);
      this.count += batch.count;
    }
    if (nextOffset > this.fetchedTo) this.fetchedTo = nextOffset;
    this.endOffset = ends.logEndOffset;
    if (batches.length > 0) this.hasNoLag = false;
    else if (this.isFetchAfterEmpty && this.isEmpty) {
      this.hasNoLag = this.fetchedTo >= ends.lastStableOffset;
    }
    if (this.count === 0) this.consumedTo = this.fetchedTo;
  }

  get isEmpty(): boolean {
    return this.count === 0;
  }

  get buffered(): number {
    return this.count;
  }

  /** The offset to commit: everything before it was taken or refused. */
  get position(): number {
    return this.consumedTo;
  }

  /** Offsets from here to the end of the partition, as of the last fetch; null before the first. */
  get lag(): number | null {
    return this.endOffset === null ? null : Math.max(0, this.endOffset - this.consumedTo);
  }

  /** Where the head lies; meaningful after `head()` gave one. */
  get place(): { readonly batch: RecordBatch; readonly index: number } {
    return { batch: this.batch as RecordBatch, index: this.index }; // head() found it there
  }

  get headOffset(): number {
    return this.batch?.offset(this.index) ?? this.consumedTo;
  }

  /** The end of the wait for what the head needs to be read; null: nothing is waited for. */
  get prepared(): Promise<void> | null {
    return this.preparing;
  }

  /** The first record that can be taken, or null. Refuses what cannot on its way. */
  head(): StreamRecord<unknown, unknown> | null {
    if (this.record !== null) return this.record;
    if (this.preparing !== null) return null;
    const { reader, clock } = this.options;
    while (this.count > 0) {
      const batch = this.current();
      if (batch === null) return null;
      // A batch begins before the offset asked for when only its tail is due.
      if (batch.offset(this.index) < this.consumedTo) {
        this.step(batch);
        if (this.count === 0) this.consumedTo = this.fetchedTo;
        continue;
      }
      if (reader.prepare !== null && this.mustWait(batch, reader.prepare)) return null;
      this.seen += 1;
      const record = reader.read(batch, this.index, clock.partitionTimeMs(this.input));
      if (record !== null) {
        this.record = record;
        return record;
      }
      this.consume();
    }
    return null;
  }

  /** Moves past the head. */
  consume(): void {
    const batch = this.batch as RecordBatch; // a head lies in a batch
    this.consumedTo = batch.offset(this.index) + 1;
    this.record = null;
    this.isPrepared = false;
    this.step(batch);
    // What follows the last record is markers and holes: nothing to take.
    if (this.count === 0) this.consumedTo = this.fetchedTo;
  }

  private mustWait(batch: RecordBatch, prepare: NonNullable<SourceReader['prepare']>): boolean {
    if (this.isPrepared) return false;
    const wait = prepare(batch, this.index);
    if (wait === null) return false;
    const goOn = () => {
      this.preparing = null;
      this.isPrepared = true;
      this.options.onPrepared();
    };
    this.preparing = wait.then(goOn, goOn);
    return true;
  }

  private step(batch: RecordBatch): void {
    this.index += 1;
    this.count -= 1;
    if (this.index >= batch.count) {
      this.batch = null;
      this.index = 0;
    }
  }

  private current(): RecordBatch | null {
    while (this.batch === null) {
      const next = this.batches.shift();
      if (next === undefined) return null;
      if (next.count > 0) this.batch = next;
    }
    return this.batch;
  }
}
