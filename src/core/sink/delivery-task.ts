import type { FetchedPartition, PartitionBatch, TopicPartition } from '../log/port.ts';
import { createRecordBatchBuilder } from '../log/record-batch/encode-batch.ts';
import { noHeaders } from '../model/headers.ts';
import { invariant } from '../model/invariant.ts';
import type { MaybePromise } from '../model/maybe-promise.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { encodeCommitMetadata } from '../task/commit-metadata.ts';
import { progressKey } from '../task/task-commit.ts';
import { copyOf, emptyCounters, type TaskCounters } from '../task/task-counters.ts';
import type {
  InputLag,
  KnownProgress,
  RestoreSource,
  SliceResult,
  TaskCommit,
  TaskPort,
} from '../task/task-port.ts';
import { type TaskState, transition } from '../task/task-states.ts';
import { progressTopic, taskId } from '../topology/names.ts';
import type { SubTopology } from '../topology/plan.ts';
import { Delivery } from './delivery.ts';
import { type DeliveryRow, decodeDelivery, encodeDelivery } from './delivery-row.ts';
import type { DeliveryStatus } from './delivery-status.ts';
import { RefusedRows, type RefusedRowsOptions } from './refused-rows.ts';
import { checkOutbox, type DeliverySite, outboxLost } from './same-history.ts';
import type { Sink } from './sink.ts';

export interface DeliveryTaskOptions extends RefusedRowsOptions {
  readonly subTopology: SubTopology;
  readonly partition: number;
  readonly sink: Sink<never>;
  readonly runtime: Runtime;
  readonly logger: Logger;
  /** Asks the log for the id that a topic has now; null: it knows none. */
  readonly topicIdOf: (topic: string) => Promise<string | null>;
  /** Something has happened outside the worker's turns. */
  readonly onReady: () => void;
  /** Under which the worker commits; null without transactions. */
  readonly transactionalId: string | null;
  readonly sessionTimeoutMs: number;
  /** Monotonic time up to which the group surely counts this worker in. */
  readonly leaseEndsMs: () => number;
}

/**
 * Delivers one outbox partition to a sink, exactly once (docs/SINKS.md): the bounds of a batch are
 * committed before it is sent, in the progress row of this task, and the next one is planned once
 * it is surely applied. An owner that finds a plan of which that is not known reads the same rows
 * and sends the same bytes again.
 */
export class DeliveryTask implements TaskPort {
  readonly id: string;
  readonly subTopology: SubTopology;
  readonly partition: number;
  readonly inputs: readonly TopicPartition[];
  readonly changelogs: readonly TopicPartition[] = [];
  readonly progressPartition: TopicPartition;
  readonly counters: TaskCounters = emptyCounters();
  committedCounters: TaskCounters = emptyCounters();
  /** Rows have no time of their own. */
  readonly streamTimeMs = -1;
  /** Rows that wait count as something to commit. */
  readonly bufferedRecords = 0;
  readonly dirtyBytes = 0;
  private current: TaskState = 'created';
  private startsAt: DeliveryRow | null = null;
  private running: Delivery | null = null;
  private prepared: DeliveryRow | null = null;
  /** Where the outbox ended when it was last fetched. */
  private endOffset: number | null = null;

  constructor(private readonly options: DeliveryTaskOptions) {
    const { subTopology, partition, topology } = options;
    this.subTopology = subTopology;
    this.partition = partition;
    this.id = taskId(subTopology.id, partition);
    this.inputs = subTopology.inputs.map(({ topic }) => ({ topic, partition }));
    const topic = progressTopic(topology.application, subTopology.id);
    this.progressPartition = { topic, partition };
  }

  get state(): TaskState {
    return this.current;
  }

  open(): void {
    this.current = transition(this.current, 'restoring');
  }

  /** @throws {WorkerError} `SINK_OUTBOX_LOST` */
  async restoreFrom(known: KnownProgress): Promise<RestoreSource[]> {
    const { progressRow, committedOffsets, inputEnds } = known;
    const [ends] = inputEnds;
    invariant(ends !== undefined, 'A delivery reads one topic.');
    const [committed = null] = committedOffsets;
    const row =
      progressRow === null
        ? firstRow(this.options.runtime.random.hex(16), ends.logStartOffset)
        : decodeDelivery(progressRow);
    // What was delivered before is not known any more.
    if (progressRow === null && committed !== null) throw outboxLost(this.site);
    const id = await this.options.topicIdOf(this.outbox);
    checkOutbox(row, { ends, id }, this.site);
    this.startsAt = { ...row, outboxId: id ?? row.outboxId };
    return [];
  }

  restore(): void {
    invariant(false, 'A delivery has no changelog.');
  }

  start(): void {
    const { options, startsAt, counters, id: taskId, partition } = this;
    invariant(startsAt !== null, 'A delivery starts from its progress row.');
    const { topology, sink, partitionsOf } = options;
    const { outbox: topic } = this;
    const { name } = sink;
    this.running = new Delivery(
      {
        ...options,
        place: {
          application: topology.application,
          partition,
          partitions: partitionsOf(topic),
        },
        refused: new RefusedRows(options, { sink: name, taskId, topic, partition, counters }),
        where: this.site.where,
        onApplied: (rows) => {
          counters.recordsOut += rows;
        },
      },
      startsAt,
    );
    this.current = transition(this.current, 'running');
  }

  fetchPosition(): number | null {
    return this.started.fetchPosition();
  }

  enqueue(fetched: FetchedPartition): void {
    this.counters.recordsIn += this.started.enqueue(fetched);
    this.endOffset = fetched.ends.logEndOffset;
  }

  run(): SliceResult {
    return this.started.turn() ? 'commit-requested' : 'idle';
  }

  get isDirty(): boolean {
    return this.running?.isDirty ?? false;
  }

  comeToRest(): boolean {
    return true;
  }

  prepareCommit(): TaskCommit | null {
    const row = this.started.prepare();
    if (row === null) return null;
    this.prepared = row;
    const { position: offset, commitNumber } = row;
    const { transactionalId } = this.options;
    const metadata = encodeCommitMetadata({ commitNumber, transactionalId });
    const offsets = this.inputs.map((input) => ({ ...input, offset, metadata }));
    return { batches: this.started.deadLetters(row), offsets };
  }

  progressBatch(): PartitionBatch {
    invariant(this.prepared !== null, 'A commit is under way.');
    const batch = createRecordBatchBuilder();
    const nowMs = this.options.runtime.clock.wallClockTimeMs();
    batch.append(nowMs, progressKey, encodeDelivery(this.prepared), noHeaders);
    return { ...this.progressPartition, batch };
  }

  committed(): void {
    this.prepared = null;
    this.counters.commits += 1;
    this.committedCounters = copyOf(this.counters);
    this.started.committed();
  }

  close({ clean }: { readonly clean: boolean }): MaybePromise<void> {
    if (this.current === 'closed') return undefined;
    this.current = transition(this.current, 'closing');
    const finish = () => {
      this.current = transition(this.current, 'closed');
    };
    return this.running === null ? finish() : this.running.close(clean).then(finish);
  }

  get lags(): readonly InputLag[] {
    const { endOffset, running } = this;
    if (endOffset === null || running === null) return [];
    const records = Math.max(0, endOffset - running.position);
    return this.inputs.map((input) => ({ ...input, records }));
  }

  get delivery(): DeliveryStatus | null {
    return this.running?.status ?? null;
  }

  private get outbox(): string {
    return this.inputs[0]?.topic ?? '';
  }

  private get started(): Delivery {
    invariant(this.running, `Task ${this.id} is ${this.current}, not running.`);
    return this.running;
  }

  private get site(): DeliverySite {
    const { id: task, options, inputs } = this;
    const { name } = options.sink;
    return { sink: name, where: { node: name, task, ...inputs[0] } };
  }
}

function firstRow(source: string, position: number): DeliveryRow {
  const plan = null;
  return { commitNumber: 0, source, outboxId: null, epoch: 0, plan, isApplied: true, position };
}
