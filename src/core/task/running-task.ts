import type {
  FetchedPartition,
  PartitionBatch,
  ProduceReceipt,
  TopicPartition,
} from '../log/port.ts';
import { andThen, isPromise, type MaybePromise } from '../model/maybe-promise.ts';
import { ErrorHandling } from './error-handling.ts';
import { EventClock } from './event-clock.ts';
import { InputQueue } from './input-queue.ts';
import { OutputCollector } from './output-collector.ts';
import { type NodeServices, tableLookups } from './processor-node.ts';
import { RecordQueue } from './record-queue.ts';
import type { Changelog, Restoration } from './restoration.ts';
import { ScanRunner } from './scan-runner.ts';
import { sourceReader } from './source-reader.ts';
import type { RawStore, TaskState } from './state-port.ts';
import { CommitUnit } from './task-commit.ts';
import { type TaskGraph, taskGraph } from './task-graph.ts';
import { TaskLoop } from './task-loop.ts';
import type { SliceResult, TaskCommit, TaskCounters, TaskOptions } from './task-port.ts';
import { TaskTimers } from './task-timers.ts';
import { causeOf, failureOf } from './unit-failure.ts';

/** Records between two looks at the clock. */
const recordsPerClockCheck = 64;
/** Uncommitted output above this asks for a commit. */
const maxOutputBytes = 64 * 1024 * 1024;

export interface RunningTaskParts {
  readonly options: TaskOptions;
  readonly taskId: string;
  readonly counters: TaskCounters;
  readonly state: TaskState;
  /** Null where no node sets timers. */
  readonly timers: RawStore | null;
  readonly changelogs: readonly Changelog[];
  readonly progressPartition: TopicPartition;
  readonly restoration: Restoration;
  /** Where each input starts, by topic; an input that is not there has no such partition. */
  readonly offsets: ReadonlyMap<string, number>;
  /** The group's offsets are not those of the progress row: the next commit corrects them. */
  readonly isCopyWrong: boolean;
}

/** A task between its start and its close: takes records, and commits what they did. */
export class RunningTask {
  private isTouched: boolean;
  private prepared: TaskCommit | null = null;
  private committedPositions: readonly number[];
  private preparedPositions: readonly number[] = [];
  private again: ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>;

  constructor(
    private readonly parts: RunningTaskParts,
    private readonly machinery: Machinery,
  ) {
    this.isTouched = parts.isCopyWrong;
    this.again = parts.restoration.beyond;
    this.committedPositions = machinery.queue.inputs.map(({ position }) => position);
  }

  fetchPosition(topic: string): number | null {
    return this.input(topic)?.fetchPosition() ?? null;
  }

  enqueue(fetched: FetchedPartition): void {
    this.input(fetched.topic)?.enqueue(fetched);
  }

  get bufferedRecords(): number {
    return this.machinery.queue.inputs.reduce((sum, { buffered }) => sum + buffered, 0);
  }

  run(maxRecords: number, maxMs: number): MaybePromise<SliceResult> {
    const { clock } = this.parts.options;
    const deadlineMs = clock.monotonicTimeMs() + maxMs;
    const wallClock = this.machinery.loop.wallClockTimers();
    const slice = () => this.slice(maxRecords, deadlineMs);
    return isPromise(wallClock) ? wallClock.then(slice) : slice();
  }

  get streamTimeMs(): number {
    return this.machinery.eventClock.streamTimeMs(0);
  }

  get dirtyBytes(): number {
    return this.parts.state.dirtyBytes + this.machinery.collector.byteLength;
  }

  get isDirty(): boolean {
    const { queue } = this.machinery;
    // Markers, holes and refused records move a position without a record that is taken.
    const hasMoved = queue.inputs.some(
      ({ position }, index) => position !== this.committedPositions[index],
    );
    return this.isTouched || hasMoved || this.dirtyBytes > 0 || this.again.size > 0;
  }

  prepareCommit(): MaybePromise<TaskCommit | null> {
    const emitted = this.emitOnCommit();
    return andThen(emitted, () => {
      if (!this.isDirty) return null;
      this.prepared = this.drain();
      return this.prepared;
    });
  }

  progressBatch(receipts: readonly ProduceReceipt[]): PartitionBatch {
    const { queue, eventClock, timers, commit } = this.machinery;
    const batches = (this.prepared?.batches ?? []).map(({ batch }) => batch);
    const row = {
      offsets: Object.fromEntries(queue.inputs.map(({ topic, position }) => [topic, position])),
      clock: eventClock.snapshot(),
      timerArrivals: timers.arrivals,
    };
    return commit.progress(row, { batches, receipts }, this.nowMs());
  }

  committed(): MaybePromise<void> {
    const { counters, state } = this.parts;
    counters.commits += 1;
    counters.forced = this.machinery.queue.forced;
    this.isTouched = false;
    this.committedPositions = this.preparedPositions;
    this.again = new Map();
    this.prepared = null;
    return state.write(this.machinery.commit.position(this.nowMs()));
  }

  private slice(maxRecords: number, deadlineMs: number): MaybePromise<SliceResult> {
    const { loop } = this.machinery;
    const { clock } = this.parts.options;
    for (let taken = 0; taken < maxRecords; taken += 1) {
      const step = loop.step();
      if (isPromise(step)) {
        return step.then((went) => this.goOn(went, maxRecords - taken - 1, deadlineMs));
      }
      if (!step) return taken > 0 ? 'worked' : 'idle';
      this.isTouched = true;
      const looksAtClock = taken % recordsPerClockCheck === recordsPerClockCheck - 1;
      if (looksAtClock && clock.monotonicTimeMs() >= deadlineMs) break;
    }
    return this.worked;
  }

  private goOn(went: boolean, left: number, deadlineMs: number): MaybePromise<SliceResult> {
    if (!went) return 'idle';
    this.isTouched = true;
    const isOver = left === 0 || this.parts.options.clock.monotonicTimeMs() >= deadlineMs;
    if (isOver) return this.worked;
    return andThen(this.slice(left, deadlineMs), (rest) => (rest === 'idle' ? 'worked' : rest));
  }

  private get worked(): SliceResult {
    return this.machinery.collector.byteLength > maxOutputBytes ? 'commit-requested' : 'worked';
  }

  /** Lets each node forward what waited for the commit, upstream first. */
  private emitOnCommit(): MaybePromise<void> {
    const { graph, scans } = this.machinery;
    try {
      for (const node of graph.nodes) node.commit();
      const scanned = scans.run();
      return isPromise(scanned) ? scanned.catch(throwCause) : scanned;
    } catch (error) {
      return throwCause(error);
    }
  }

  private drain(): TaskCommit {
    const { commit, queue } = this.machinery;
    this.preparedPositions = queue.inputs.map(({ position }) => position);
    const { partition } = this.parts.options;
    const batches = commit.prepare(this.nowMs(), this.again);
    const metadata = `millrace:${commit.commitNumber + 1}`;
    const read = queue.inputs.filter(({ topic }) => this.parts.offsets.has(topic));
    const offsets = read.map(({ topic, position }) => ({
      topic,
      partition,
      offset: position,
      metadata,
    }));
    return { batches, offsets };
  }

  private input(topic: string): InputQueue | undefined {
    return this.machinery.queue.inputs.find((input) => input.topic === topic);
  }

  private nowMs(): number {
    return this.parts.options.clock.wallClockTimeMs();
  }
}

/** A commit cannot pass over what fails in it, so no policy is asked. */
function throwCause(error: unknown): never {
  throw causeOf(error);
}

interface Machinery {
  readonly queue: RecordQueue;
  readonly eventClock: EventClock;
  readonly timers: TaskTimers;
  readonly scans: ScanRunner;
  readonly collector: OutputCollector;
  readonly commit: CommitUnit;
  readonly graph: TaskGraph;
  readonly loop: TaskLoop;
}

/** Assembles a task at its restored progress. */
export function runningTask(parts: RunningTaskParts): RunningTask {
  const { options, counters, state, restoration } = parts;
  const { progress } = restoration;
  const eventClock = new EventClock(options.subTopology);
  if (progress !== null) eventClock.restore(progress.clock);
  const collector = new OutputCollector(options.maxMessageBytes);
  const errors = new ErrorHandling({ ...options, taskId: parts.taskId, counters, collector });
  const commit = new CommitUnit({ ...parts, collector });
  commit.startAt(progress?.commitNumber ?? 0, restoration.changelogPositions);
  const scans = new ScanRunner((node, error) =>
    failureOf({ name: node, policy: policyOf(node, options) }, 'processing', error),
  );
  const timers = taskTimers(parts, eventClock);
  timers.startAt(progress?.timerArrivals ?? 0);
  const services: NodeServices = {
    application: options.topology.application,
    taskId: parts.taskId,
    partition: options.partition,
    eventClock,
    timers,
    scans,
    state,
    inspection: options.inspection,
    lookup: tableLookups(state, eventClock, options.inspection),
    drop: (node, record, reason) => errors.drop(node, record, reason),
    count: (node, counter) => {
      const name = `${node}\0${counter}`;
      counters.counted.set(name, (counters.counted.get(name) ?? 0) + 1);
    },
  };
  const graph = taskGraph({ options, services, collector, counters });
  const queue = recordQueue(parts, eventClock, errors);
  const shared = { queue, eventClock, timers, scans, collector };
  const loop = new TaskLoop({
    ...shared,
    state,
    errors,
    counters,
    roots: graph.roots,
    nodeOf: (name) => graph.nodeOf(name),
    canUndo: canUndo(options),
  });
  return new RunningTask(parts, { ...shared, commit, graph, loop });
}

function recordQueue(
  { options, offsets }: RunningTaskParts,
  eventClock: EventClock,
  errors: ErrorHandling,
): RecordQueue {
  const { subTopology, clock, maxBufferedRecords, maxTaskIdleMs, inspection } = options;
  const inputs = subTopology.inputs.map((input, index): InputQueue => {
    const { node, topic } = input;
    const reader = sourceReader(inspection?.input(input) ?? input, options, {
      refuse(error) {
        errors.workOn(queue);
        if (node.type === 'source') errors.undecodable(error, node);
        else throw error;
      },
      drop(record, reason) {
        errors.workOn(queue);
        errors.drop(node.name, record, reason);
      },
    });
    const queue = new InputQueue(index, topic, {
      reader,
      clock: eventClock,
      maxBuffered: maxBufferedRecords,
    });
    const offset = offsets.get(topic);
    if (offset === undefined) queue.hasNoLag = true;
    else queue.startAt(offset);
    return queue;
  });
  return new RecordQueue(inputs, clock, maxTaskIdleMs);
}

function taskTimers({ options, timers }: RunningTaskParts, eventClock: EventClock): TaskTimers {
  const { topology, subTopology, clock } = options;
  const places = new Map(
    topology.nodes.map((node, order) => [
      node.name,
      { order, domain: subTopology.timeDomains.get(node.name) ?? 0 },
    ]),
  );
  const own = new Set(subTopology.nodes.map(({ name }) => name));
  const domains = Math.max(0, ...subTopology.timeDomains.values()) + 1;
  const placeOf = (node: string) => (own.has(node) ? (places.get(node) ?? null) : null);
  return new TaskTimers({ store: timers, domains, placeOf }, eventClock, clock);
}

function policyOf(name: string, { subTopology }: TaskOptions) {
  const node = subTopology.nodes.find((own) => own.name === name);
  return node?.type === 'operator' ? node.onProcessingError : null;
}

/** Only where some policy may let a record in error pass, its effects must be undone. */
function canUndo({ subTopology, hooks }: TaskOptions): boolean {
  if (hooks.handlesErrors) return true;
  return subTopology.nodes.some((node) => {
    const policy =
      node.type === 'operator'
        ? node.onProcessingError
        : node.type === 'sink'
          ? node.onProductionError
          : null;
    return policy !== null && policy !== 'fail';
  });
}
