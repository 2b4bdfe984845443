import type { EmbeddedBroker } from '../log/embedded/broker.ts';
import type { ProducerIdentity } from '../log/embedded/transactions.ts';
import { partitionName } from '../log/partition-name.ts';
import type { PartitionBatch, ProduceReceipt } from '../log/port.ts';
import { invariant } from '../model/invariant.ts';
import type { GlobalTable } from '../task/global-table.ts';
import type { Task } from '../task/task.ts';
import type { TaskCommit } from '../task/task-port.ts';
import type { GlobalNode, TableLookup } from '../topology/plan.ts';
import { type Steps, wait } from './steps.ts';

const maxPartitionBytes = 1024 * 1024;
const transactionTimeoutMs = 60_000;
const recordsPerSlice = 10_000;

export interface DriverTasksOptions {
  readonly application: string;
  readonly broker: EmbeddedBroker;
  readonly create: () => readonly Task[];
  readonly createGlobals: () => readonly GlobalTable[];
  /** Of each topic that is read from outside. */
  readonly partitions: number;
}

/**
 * All tasks of a topology beside a broker in memory, with one transactional producer: what a worker
 * does, step by step and without time passing.
 */
export class DriverTasks {
  private tasks: readonly Task[] = [];
  private globals: readonly GlobalTable[] = [];
  private producer: ProducerIdentity | null = null;
  private readonly sequences = new Map<string, number>();

  constructor(private readonly options: DriverTasksOptions) {}

  get all(): readonly Task[] {
    return this.tasks;
  }

  get globalTables(): readonly GlobalTable[] {
    return this.globals;
  }

  globalLookup(node: GlobalNode): TableLookup {
    const table = this.globals.find((own) => own.node === node);
    invariant(table !== undefined, `The driver keeps the global table '${node.name}'.`);
    return table.lookup;
  }

  /** Opens all tasks from what the broker has committed. */
  *open(): Steps<void> {
    const { broker, application } = this.options;
    this.producer = yield* wait(broker.initProducer(application, transactionTimeoutMs));
    this.sequences.clear();
    this.globals = this.options.createGlobals();
    for (const table of this.globals) {
      yield* wait(table.open());
      yield* wait(table.plan(broker.ends(this.partitionsOf(table))));
    }
    yield* this.readGlobals();
    this.tasks = this.options.create();
    for (const task of this.tasks) yield* this.restore(task);
  }

  /** Loses everything that is not committed, as a killed process does. */
  *crash(): Steps<void> {
    for (const own of [...this.tasks, ...this.globals]) yield* wait(own.close({ clean: false }));
    yield* this.open();
  }

  *close(): Steps<void> {
    for (const own of [...this.tasks, ...this.globals]) yield* wait(own.close({ clean: true }));
  }

  /** Whether no call is in flight. */
  get isAtRest(): boolean {
    return this.tasks.every((task) => task.isAtRest);
  }

  /** The end of an attempt of any call, or null if none is made. */
  attemptEnded(): Promise<void> | null {
    const attempts = this.tasks.flatMap((task) => task.attemptEnded() ?? []);
    return attempts.length === 0 ? null : Promise.race(attempts);
  }

  /** Takes what is there, without a commit. */
  *process(): Steps<void> {
    yield* this.readGlobals();
    for (let worked = true; worked;) {
      worked = false;
      for (const task of this.tasks) {
        yield* this.fetch(task);
        const result = yield* wait(task.run(recordsPerSlice, Infinity));
        worked ||= result !== 'idle';
      }
    }
  }

  /** Processes and commits until nothing is left, internal topics included. */
  *settle(): Steps<void> {
    do yield* this.process();
    while (yield* this.commit());
  }

  /** One transaction over all tasks. False: there was nothing to commit. */
  *commit(): Steps<boolean> {
    const { broker, application } = this.options;
    const commits: { readonly task: Task; readonly commit: TaskCommit }[] = [];
    for (const task of this.tasks) {
      const commit = task.isDirty ? yield* wait(task.prepareCommit()) : null;
      if (commit !== null) commits.push({ task, commit });
    }
    if (commits.length === 0) return false;
    for (const { task, commit } of commits) {
      const receipts: ProduceReceipt[] = [];
      for (const batch of commit.batches) receipts.push(yield* this.produce(batch));
      yield* this.produce(task.progressBatch(receipts));
      const group = { group: application, generation: -1, memberId: '' };
      yield* wait(broker.sendOffsets(this.identity, commit.offsets, group));
    }
    yield* wait(broker.endTransaction(this.identity, 'commit'));
    for (const { task } of commits) yield* wait(task.committed());
    return true;
  }

  /** Global tables have all that is there before a task takes its next record. */
  private *readGlobals(): Steps<void> {
    for (const table of this.globals) {
      for (const { topic, partition } of this.partitionsOf(table)) {
        for (;;) {
          const offset = table.positionOf(partition);
          const fetched = yield* this.read({ topic, partition, offset });
          if (fetched.nextOffset === offset) break;
          const prepared = table.prepare(fetched);
          if (prepared !== null) yield* wait(prepared);
          table.apply(fetched);
        }
      }
      yield* wait(table.commit());
    }
  }

  private partitionsOf({ node: { topic } }: GlobalTable) {
    return Array.from({ length: this.options.partitions }, (_, partition) => ({
      topic,
      partition,
    }));
  }

  private *fetch(task: Task): Steps<void> {
    for (const input of task.inputs) {
      const offset = task.fetchPosition(input);
      if (offset === null) continue;
      const [fetched] = yield* wait(
        this.options.broker.fetch([{ ...input, offset }], {
          isolation: 'read-committed',
          maxPartitionBytes,
        }),
      );
      if (fetched === undefined) continue;
      task.enqueue(fetched);
    }
  }

  private *restore(task: Task): Steps<void> {
    const { broker, application } = this.options;
    yield* wait(task.open());
    const committed = broker.committedOffsets(application, task.inputs);
    const [progressEnds, ...changelogEnds] = broker.ends([
      task.progressPartition,
      ...task.changelogs,
    ]);
    const sources = yield* wait(
      task.restoreFrom({
        progressRow: yield* this.lastRow(task, progressEnds?.logEndOffset ?? 0),
        committedOffsets: committed.map((own) => own?.offset ?? null),
        inputEnds: broker.ends(task.inputs),
        changelogEnds,
      }),
    );
    for (const { topic, partition, fromOffset, toOffset } of sources) {
      let offset = fromOffset;
      while (offset < toOffset) {
        const fetched = yield* this.read({ topic, partition, offset });
        yield* wait(task.restore(fetched));
        offset = fetched.nextOffset;
      }
    }
    yield* wait(task.start());
  }

  private *lastRow({ progressPartition }: Task, endOffset: number): Steps<Uint8Array | null> {
    let row: Uint8Array | null = null;
    for (let offset = 0; offset < endOffset;) {
      const { batches, nextOffset } = yield* this.read({ ...progressPartition, offset });
      for (const batch of batches) row = batch.value(batch.count - 1) ?? row;
      offset = nextOffset;
    }
    return row;
  }

  private *read(request: { topic: string; partition: number; offset: number }) {
    const options = { isolation: 'read-committed', maxPartitionBytes } as const;
    const [fetched] = yield* wait(this.options.broker.fetch([request], options));
    invariant(fetched !== undefined, 'A fetch answers for what it was asked.');
    return fetched;
  }

  private *produce({ topic, partition, batch }: PartitionBatch): Steps<ProduceReceipt> {
    const { producerId, producerEpoch } = this.identity;
    const key = partitionName({ topic, partition });
    const baseSequence = this.sequences.get(key) ?? 0;
    this.sequences.set(key, baseSequence + batch.count);
    const stamp = { baseOffset: 0, producerId, producerEpoch, baseSequence, isTransactional: true };
    const bytes = batch.finish(stamp);
    const [receipt] = yield* wait(
      this.options.broker.produce(this.identity, [{ topic, partition, bytes }]),
    );
    invariant(receipt !== undefined, 'Each batch has a receipt.');
    return receipt;
  }

  private get identity(): ProducerIdentity {
    invariant(this.producer !== null, 'The driver is open.');
    return this.producer;
  }
}
