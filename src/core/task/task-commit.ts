import { noHeaders } from '../model/headers.ts';
import type { PartitionBatch, ProduceReceipt, TopicPartition } from '../log/port.ts';
import { createRecordBatchBuilder } from '../log/record-batch/encode-batch.ts';
import type { OutputCollector } from './output-collector.ts';
import { encodeProgress, type ProgressRow } from './progress-row.ts';
import type { Changelog } from './restoration.ts';
import type { StatePosition, LocalState } from './state-port.ts';

/** Key of the one row a task keeps in its partition of the progress topic. */
export const progressKey = 'progress';

export interface CommitUnitOptions {
  readonly changelogs: readonly Changelog[];
  readonly progressPartition: TopicPartition;
  readonly state: LocalState;
  /** Collects outputs and, at a commit, changelog records. */
  readonly collector: OutputCollector;
}

/** Turns what a task did since the last commit into batches, and knows where its state then is. */
export class CommitUnit {
  private readonly positions = new Map<string, number>();
  private number = 0;
  /** The changelogs it writes; the others are inputs. */
  private readonly written: readonly Changelog[];

  constructor(private readonly options: CommitUnitOptions) {
    this.written = options.changelogs.filter(({ input }) => input === undefined);
  }

  /** Goes on from the restored progress. */
  startAt(commitNumber: number, positions: ReadonlyMap<string, number>): void {
    this.number = commitNumber;
    for (const [store, position] of positions) this.positions.set(store, position);
  }

  get commitNumber(): number {
    return this.number;
  }

  /**
   * Serialises dirty state and takes everything collected. `timestamp` is the worker's clock: a
   * changelog's own times are not event times.
   */
  prepare(
    timestamp: number,
    again: ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>,
  ): PartitionBatch[] {
    const { state, collector } = this.options;
    const outputs = new Map(
      this.written.map(({ store, topic, partition }) => [
        store,
        collector.outputOf(topic, partition),
      ]),
    );
    const write = (store: string, key: Uint8Array, value: Uint8Array | null) => {
      const output = outputs.get(store);
      if (output === undefined) return;
      collector.append(output, { timestamp, headers: noHeaders }, key, value);
    };
    for (const [store, keys] of again) {
      for (const key of keys.values()) write(store, key, state.rowBytes(store, key));
    }
    state.drain({ change: write });
    return collector.drain();
  }

  /** The progress row that goes with what `prepare` gave, now that its offsets are known. */
  progress(
    row: Pick<ProgressRow, 'offsets' | 'clock' | 'timerArrivals'>,
    { batches, receipts }: Produced,
    timestamp: number,
  ): PartitionBatch {
    this.number += 1;
    for (const [index, { topic, baseOffset }] of receipts.entries()) {
      const changelog = this.written.find((own) => own.topic === topic);
      const count = batches[index]?.count ?? 0;
      if (changelog !== undefined) this.positions.set(changelog.store, baseOffset + count);
    }
    for (const { store, topic, input } of this.options.changelogs) {
      if (input !== undefined) this.positions.set(store, row.offsets[topic] ?? 0);
    }
    const batch = createRecordBatchBuilder();
    const progress = encodeProgress({
      commitNumber: this.number,
      changelogs: Object.fromEntries(this.positions),
      ...row,
    });
    batch.append(timestamp, progressKey, progress, noHeaders);
    return { ...this.options.progressPartition, batch };
  }

  /** What the local state corresponds to once the log has committed. */
  position(committedAtMs: number): StatePosition {
    return { commitNumber: this.number, changelogs: new Map(this.positions), committedAtMs };
  }
}

/** The batches of a commit with their receipts, in one order. */
export interface Produced {
  readonly batches: readonly { readonly count: number }[];
  readonly receipts: readonly ProduceReceipt[];
}
