import type {
  FetchedPartition,
  PartitionBatch,
  ProduceReceipt,
  TopicPartition,
} from '../log/port.ts';
import { invariant } from '../model/invariant.ts';
import { andThen, isPromise, type MaybePromise } from '../model/maybe-promise.ts';
import { progressTopic, taskId } from '../topology/names.ts';
import type { SubTopology } from '../topology/plan.ts';
import { renamedNodes } from '../topology/renames.ts';
import { Restoration, type Changelog } from './restoration.ts';
import type { LocalState } from './state-port.ts';
import { assembleTask } from './assemble-task.ts';
import { changelogsOf, timersStore } from './changelogs.ts';
import { renameTimers } from './rename-timers.ts';
import { sourceRowsOf } from './source-rows.ts';
import type { RunningTask } from './running-task.ts';
import { copyOf, emptyCounters, type TaskCounters } from './task-counters.ts';
import type {
  InputLag,
  KnownProgress,
  RestoreSource,
  SliceResult,
  TaskCommit,
  TaskOptions,
  TaskPort,
} from './task-port.ts';
import { type TaskState, transition } from './task-states.ts';

/** A sub-topology and a partition number, through its whole life. */
export class Task implements TaskPort {
  readonly id: string;
  readonly subTopology: SubTopology;
  readonly partition: number;
  readonly inputs: readonly TopicPartition[];
  readonly progressPartition: TopicPartition;
  readonly changelogs: readonly Changelog[];
  readonly delivery = null;
  readonly counters: TaskCounters = emptyCounters();
  committedCounters: TaskCounters = emptyCounters();
  private preparedCounters: TaskCounters = emptyCounters();
  private current: TaskState = 'created';
  private local: LocalState | null = null;
  private restoration: Restoration | null = null;
  private known: KnownProgress | null = null;
  private running: RunningTask | null = null;

  constructor(private readonly options: TaskOptions) {
    const { subTopology, partition, topology } = options;
    const { application } = topology;
    this.subTopology = subTopology;
    this.partition = partition;
    this.id = taskId(subTopology.id, partition);
    // Topics that are only merged may have fewer partitions than there are tasks.
    this.inputs = subTopology.inputs
      .filter(({ topic }) => partition < options.partitionsOf(topic))
      .map(({ topic }) => ({ topic, partition }));
    this.progressPartition = { topic: progressTopic(application, subTopology.id), partition };
    this.changelogs = changelogsOf(application, subTopology, partition, this.inputs);
  }

  get state(): TaskState {
    return this.current;
  }

  open(): MaybePromise<void> {
    this.current = transition(this.current, 'restoring');
    const { topology, subTopology, backend, maxCacheBytes, inspection } = this.options;
    const opened = backend.open({
      application: topology.application,
      taskId: this.id,
      stores: subTopology.stores,
      rawStores: subTopology.hasTimers ? [timersStore] : [],
      maxCacheBytes,
      ...(inspection === undefined ? {} : { inspect: inspection.storeSerde }),
    });
    return andThen(opened, (local) => {
      this.local = local;
      this.restoration = this.newRestoration();
    });
  }

  /** One that knows nothing yet. */
  newRestoration(): Restoration {
    const { localState, changelogs } = this;
    const rows = sourceRowsOf(changelogs, localState, this.options);
    return new Restoration(this.id, localState, changelogs, rows);
  }

  restoreFrom(known: KnownProgress): MaybePromise<readonly RestoreSource[]> {
    const restoration = this.opened(this.restoration);
    this.known = known;
    return restoration.plan(known, this.options.clock.wallClockTimeMs());
  }

  restore(fetched: FetchedPartition): MaybePromise<void> {
    return this.opened(this.restoration).apply(fetched);
  }

  start(): MaybePromise<void> {
    const { subTopology, options } = this;
    if (!subTopology.hasTimers) return this.assemble();
    const names = renamedNodes(options.topology).map(({ from, to }) => [from, to] as const);
    const renamed = renameTimers(this.opened(this.local).raw(timersStore), new Map(names));
    return andThen(renamed, () => this.assemble());
  }

  private assemble(): void {
    const restoration = this.opened(this.restoration);
    const { progress } = restoration;
    const { counters } = this;
    const offsets = new Map(
      this.inputs.map(({ topic }, index): [string, number] => {
        const committed = this.known?.committedOffsets[index] ?? null;
        const own = progress === null ? null : (progress.offsets[topic] ?? null);
        if (own !== null && own !== committed) counters.progressDifferences += 1;
        return [topic, own ?? committed ?? this.known?.inputEnds[index]?.logStartOffset ?? 0];
      }),
    );
    this.running = assembleTask({
      options: this.options,
      taskId: this.id,
      counters,
      state: this.opened(this.local),
      timers: this.subTopology.hasTimers ? this.opened(this.local).raw(timersStore) : null,
      changelogs: this.changelogs,
      progressPartition: this.progressPartition,
      restoration,
      offsets,
      isCopyWrong: counters.progressDifferences > 0,
    });
    this.current = transition(this.current, 'running');
  }

  fetchPosition(input: TopicPartition): number | null {
    return this.started.fetchPosition(input.topic);
  }

  enqueue(fetched: FetchedPartition): void {
    this.started.enqueue(fetched);
  }

  get bufferedRecords(): number {
    return this.running?.bufferedRecords ?? 0;
  }

  get lags(): readonly InputLag[] {
    return this.running?.lags ?? [];
  }

  run(maxRecords: number, maxMs: number): MaybePromise<SliceResult> {
    return this.started.run(maxRecords, maxMs);
  }

  get streamTimeMs(): number {
    return this.started.streamTimeMs;
  }

  get dirtyBytes(): number {
    return this.running?.dirtyBytes ?? 0;
  }

  get isDirty(): boolean {
    return this.running?.isDirty ?? false;
  }

  comeToRest(): boolean {
    return this.started.comeToRest();
  }

  /** Whether no call is in flight. */
  get isAtRest(): boolean {
    return this.running?.isAtRest ?? true;
  }

  /** For who waits without a clock: the end of an attempt, or of a serde's, or null. */
  attemptEnded(): Promise<void> | null {
    return this.running?.attemptEnded() ?? null;
  }

  prepareCommit(): MaybePromise<TaskCommit | null> {
    return andThen(this.started.prepareCommit(), (commit) => {
      this.preparedCounters = copyOf(this.counters);
      return commit;
    });
  }

  progressBatch(receipts: readonly ProduceReceipt[]): PartitionBatch {
    return this.started.progressBatch(receipts);
  }

  committed(): MaybePromise<void> {
    const written = this.started.committed();
    this.committedCounters = { ...this.preparedCounters, commits: this.counters.commits };
    return written;
  }

  close({ clean }: { readonly clean: boolean }): MaybePromise<void> {
    if (this.current === 'closed') return undefined;
    this.current = transition(this.current, 'closing');
    this.running?.abandon();
    this.running = null;
    this.local?.forget();
    const closed = this.local?.close({ clean });
    this.local = null;
    const finish = () => {
      this.current = transition(this.current, 'closed');
    };
    return isPromise(closed) ? closed.then(finish) : finish();
  }

  /** The open state, for queries and tests. */
  get localState(): LocalState {
    return this.opened(this.local);
  }

  private get started(): RunningTask {
    invariant(this.running, `Task ${this.id} is ${this.current}, not running.`);
    return this.running;
  }

  private opened<T>(part: T | null): T {
    invariant(part !== null, `Task ${this.id} is not open.`);
    return part;
  }
}
