import type { FetchedPartition, PartitionEnds } from '../log/port.ts';
import type { RecordBatch } from '../log/record-batch/record-batch.ts';
import { formatText } from '../model/format-text.ts';
import { invariant } from '../model/invariant.ts';
import { andThen, type MaybePromise } from '../model/maybe-promise.ts';
import type { StreamRecord } from '../model/record.ts';
import type { DropReason } from '../model/drop-reason.ts';
import { noHeaders } from '../model/headers.ts';
import type { GlobalNode, GlobalRows, TableLookup } from '../topology/plan.ts';
import { unknownTimeMs } from './event-clock.ts';
import { maxTailAgeMs } from './restoration.ts';
import { type SourceReader, sourceReader } from './source-reader.ts';
import type { LocalState, StatePosition } from './state-port.ts';
import { count, emptyCounters, type TaskCounters } from './task-counters.ts';
import type { TaskOptions } from './task-port.ts';

/**
 * Beside the rows, in one batch with them: where to go on, and what they are. The name is reserved.
 */
const positionsStore = 'progress';
const formatKey = Buffer.from('format');

export interface GlobalTableOptions extends Pick<
  TaskOptions,
  'backend' | 'clock' | 'hooks' | 'defaultMaxFutureMs' | 'maxCacheBytes' | 'inspection'
> {
  readonly application: string;
  readonly node: GlobalNode;
  /** Names the state among those of other workers on the machine. */
  readonly instanceId: string;
}

/**
 * The rows of a topic that a worker reads whole. It does no log input itself: batches are handed
 * in, between records. Rows and positions are written together, so that a restart goes on from
 * there; the topic is the only other copy.
 *
 * Life: `open`, `plan`, then `apply` and now and then `commit`, and `close`.
 */
export class GlobalTable {
  readonly counters: TaskCounters = emptyCounters();
  private state: LocalState | null = null;
  private rows: GlobalRows | null = null;
  /** Next offset by partition. */
  private positions: number[] = [];
  private commits = 0;
  private isTouched = false;
  private current = { partition: 0, offset: 0 };

  private readonly reader: SourceReader;

  constructor(private readonly options: GlobalTableOptions) {
    this.reader = this.createReader();
  }

  get node(): GlobalNode {
    return this.options.node;
  }

  get id(): string {
    return `global-${this.node.name}-${this.options.instanceId}`;
  }

  get dirtyBytes(): number {
    return this.localState.dirtyBytes;
  }

  open(): MaybePromise<void> {
    const { application, node, backend, maxCacheBytes, inspection } = this.options;
    const inspect = inspection === undefined ? {} : { inspect: inspection.storeSerde };
    const stores = [node.rows];
    const state = backend.open({
      application,
      taskId: this.id,
      stores,
      rawStores: [positionsStore],
      maxCacheBytes,
      ...inspect,
    });
    return andThen(state, (opened) => {
      this.state = opened;
      this.rows = opened.store(node.rows);
    });
  }

  /** Given the ends of all partitions: goes on where the local copy is, or from the start. */
  plan(ends: readonly PartitionEnds[]): MaybePromise<void> {
    const { position } = this.localState;
    const own = position === null ? null : this.keptPositions(position, ends);
    this.positions = own ?? ends.map(({ logStartOffset }) => logStartOffset);
    if (own === null) return this.localState.clear();
    this.commits = position?.commitNumber ?? 0;
    return undefined;
  }

  positionOf(partition: number): number {
    return this.positions[partition] ?? 0;
  }

  /** Waits for what the serdes need to read the records; null: nothing. Before `apply`. */
  prepare({ partition, batches }: FetchedPartition): Promise<void> | null {
    const { prepare } = this.reader;
    if (prepare === null) return null;
    const waitForEach = async () => {
      for (const batch of batches) {
        for (let index = 0; index < batch.count; index += 1) {
          if (batch.offset(index) >= this.positionOf(partition)) await prepare(batch, index);
        }
      }
    };
    return waitForEach();
  }

  /** @throws what reading a record throws, under the policy `'fail'`. */
  apply({ partition, batches, nextOffset }: FetchedPartition): void {
    for (const batch of batches) this.applyBatch(partition, batch);
    if (nextOffset === this.positionOf(partition)) return;
    this.positions[partition] = nextOffset;
    this.isTouched = true;
  }

  readonly lookup: TableLookup = (key) => {
    invariant(this.rows !== null, 'Global tables are open before any task is.');
    return this.rows.get(key) ?? null;
  };

  /** Makes durable what was applied. */
  commit(): MaybePromise<void> {
    if (!this.isTouched) return undefined;
    this.isTouched = false;
    this.commits += 1;
    const { localState } = this;
    const kept = localState.raw(positionsStore);
    kept.put(formatKey, Buffer.from(this.format));
    for (const [partition, offset] of this.positions.entries()) {
      kept.put(partitionKey(partition), Buffer.from(String(offset)));
    }
    // The topic is the changelog.
    localState.drain({ change: () => undefined });
    const committedAtMs = this.options.clock.wallClockTimeMs();
    return localState.write({ commitNumber: this.commits, changelogs: new Map(), committedAtMs });
  }

  close(options: { readonly clean: boolean }): MaybePromise<void> {
    const { state } = this;
    this.state = null;
    this.rows = null;
    return state?.close(options);
  }

  private createReader(): SourceReader {
    const { node, clock, defaultMaxFutureMs, inspection } = this.options;
    const input = { topic: node.topic, node: node.source };
    return sourceReader(
      inspection?.input(input) ?? input,
      { clock, defaultMaxFutureMs },
      {
        refuse: (error) => {
          if (node.source.onDeserializationError !== 'drop') throw error;
          const nothing = { key: null, value: null, timestamp: 0, headers: noHeaders };
          this.drop(nothing, 'deserialization');
        },
        drop: (record, reason) => this.drop(record, reason),
      },
    );
  }

  private applyBatch(partition: number, batch: RecordBatch): void {
    for (let index = 0; index < batch.count; index += 1) {
      const offset = batch.offset(index);
      if (offset < this.positionOf(partition)) continue;
      this.current = { partition, offset };
      const record = this.reader.read(batch, index, unknownTimeMs);
      if (record !== null) this.put(record);
    }
  }

  private put(record: StreamRecord<unknown, unknown>): void {
    const { key, value, timestamp } = record;
    if (key === null) return this.drop(record, 'null-key');
    this.counters.recordsIn += 1;
    invariant(this.rows !== null, 'Only an open table is written.');
    this.rows.put(key, value === null ? null : { value, timestamp });
  }

  private drop(record: StreamRecord<unknown, unknown>, reason: DropReason): void {
    const { node, hooks } = this.options;
    count(this.counters.dropped, node.name, reason);
    const { partition, offset } = this.current;
    const place = { node: node.name, task: this.id, topic: node.topic, partition, offset };
    hooks.onDropped(reason, record, place);
  }

  /** Null: the copy cannot be trusted, or is of another topic or format. */
  private keptPositions(
    { committedAtMs }: StatePosition,
    ends: readonly PartitionEnds[],
  ): number[] | null {
    const kept = this.localState.raw(positionsStore);
    if (textOf(kept.get(formatKey)) !== this.format) return null;
    const isOld = this.options.clock.wallClockTimeMs() - committedAtMs > maxTailAgeMs;
    const positions: number[] = [];
    for (const [partition, { logStartOffset, logEndOffset }] of ends.entries()) {
      const text = textOf(kept.get(partitionKey(partition)));
      const position = text === null ? logStartOffset : Number(text);
      const isBehind = position < logEndOffset;
      if (position < logStartOffset || position > logEndOffset || (isBehind && isOld)) return null;
      positions.push(position);
    }
    return positions;
  }

  /** Rows of another topic or of other serdes are none of this table. */
  private get format(): string {
    const { topic, key, value } = this.node;
    return `${topic} ${formatText(key)} ${formatText(value)}`;
  }

  get localState(): LocalState {
    invariant(this.state !== null, 'The table is open.');
    return this.state;
  }
}

function partitionKey(partition: number): Uint8Array {
  return Buffer.from(`partition ${partition}`);
}

function textOf(bytes: Uint8Array | undefined): string | null {
  return bytes === undefined ? null : Buffer.from(bytes).toString();
}
