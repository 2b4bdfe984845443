import type {
  FetchedPartition,
  PartitionBatch,
  ProduceReceipt,
  TopicPartition,
} from '../log/port.ts';
import { invariant } from '../model/invariant.ts';
import { andThen, isPromise, type MaybePromise } from '../model/maybe-promise.ts';
import { encodeCommitMetadata } from './commit-metadata.ts';
import { type EventClock, unknownTimeMs } from './event-clock.ts';
import type { IdleAdvance } from './idle-advance.ts';
import type { InputQueue } from './input-queue.ts';
import type { OutputCollector } from './output-collector.ts';
import type { LatencySamples } from './latency.ts';
import type { ProgressRow } from './progress-row.ts';
import type { RecordQueue } from './record-queue.ts';
import type { Changelog, Restoration } from './restoration.ts';
import type { ScanRunner } from './scan-runner.ts';
import type { RawStore, LocalState } from './state-port.ts';
import type { CommitUnit } from './task-commit.ts';
import type { TaskGraph } from './task-graph.ts';
import type { TaskLoop } from './task-loop.ts';
import type { TaskCounters } from './task-counters.ts';
import type { InputLag, SliceResult, TaskCommit, TaskOptions } from './task-port.ts';
import type { TaskTimers } from './task-timers.ts';
import type { TaskCalls } from './task-calls.ts';
import { causeOf } from './unit-failure.ts';

/** Records between two looks at the clock. */
const recordsPerClockCheck = 64;
/** Uncommitted output above this asks for a commit. */
const maxOutputBytes = 64 * 1024 * 1024;

export interface RunningTaskParts {
  readonly options: TaskOptions;
  readonly taskId: string;
  readonly counters: TaskCounters;
  readonly state: LocalState;
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

/** All that a commit says of its interval. The task may go on meanwhile; this stays. */
interface PreparedInterval {
  readonly commit: TaskCommit;
  readonly progress: Omit<ProgressRow, 'commitNumber' | 'changelogs'>;
}

/** A task between its start and its close: takes records, and commits what they did. */
export class RunningTask {
  private isTouched: boolean;
  private prepared: PreparedInterval | null = null;
  /** Where the interval began: what was taken before belongs to a commit that is prepared. */
  private positions: readonly number[];
  private again: ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>;

  constructor(
    private readonly parts: RunningTaskParts,
    private readonly machinery: Machinery,
  ) {
    this.isTouched = parts.isCopyWrong;
    this.again = parts.restoration.beyond;
    this.positions = this.currentPositions();
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

  get lags(): readonly InputLag[] {
    const { partition } = this.parts.options;
    return this.machinery.queue.inputs.flatMap(({ topic, lag }) =>
      lag === null ? [] : [{ topic, partition, records: lag }],
    );
  }

  run(maxRecords: number, maxMs: number): MaybePromise<SliceResult> {
    const { clock } = this.parts.options;
    const deadlineMs = clock.monotonicTimeMs() + maxMs;
    this.stepIdleDomains();
    return andThen(this.machinery.loop.wallClockTimers(), (owesNothing) =>
      andThen(this.slice(maxRecords, deadlineMs), (result) =>
        result === 'idle' && !owesNothing ? 'worked' : result,
      ),
    );
  }

  comeToRest(): boolean {
    const { calls, loop } = this.machinery;
    if (calls === null) return true;
    calls.isHeld = true;
    return calls.isAtRest && !loop.isTimeBehindOwed;
  }

  get isAtRest(): boolean {
    return this.machinery.calls?.isAtRest ?? true;
  }

  attemptEnded(): Promise<void> | null {
    const { calls, queue } = this.machinery;
    return calls?.isUnderWay === true ? calls.attemptEnded() : queue.prepared();
  }

  abandon(): void {
    this.machinery.calls?.abandon();
  }

  get streamTimeMs(): number {
    return this.machinery.eventClock.streamTimeMs(0);
  }

  get dirtyBytes(): number {
    return this.parts.state.dirtyBytes + this.machinery.collector.byteLength;
  }

  get isDirty(): boolean {
    const { queue, calls } = this.machinery;
    // What came to rest goes on behind the commit, whether it has anything to commit or not.
    if (calls?.isHeld === true) return true;
    // Markers, holes and refused records move a position without a record that is taken.
    const hasMoved = queue.inputs.some(({ position }, index) => position !== this.positions[index]);
    return this.isTouched || hasMoved || this.dirtyBytes > 0 || this.again.size > 0;
  }

  prepareCommit(): MaybePromise<TaskCommit | null> {
    const { calls, loop } = this.machinery;
    const emitted =
      calls === null
        ? this.emitOnCommit()
        : andThen(loop.drain(calls), () => this.emitThroughCalls(calls, 0));
    return andThen(emitted, () => {
      if (calls !== null) calls.isHeld = false;
      if (!this.isDirty) return null;
      this.prepared = this.closeInterval();
      return this.prepared.commit;
    });
  }

  progressBatch(receipts: readonly ProduceReceipt[]): PartitionBatch {
    const { commit, progress } = this.inFlight;
    const batches = commit.batches.map(({ batch }) => batch);
    return this.machinery.commit.progress(progress, { batches, receipts }, this.nowMs());
  }

  committed(): MaybePromise<void> {
    invariant(this.prepared !== null, 'Only what was prepared is committed.');
    this.prepared = null;
    this.parts.counters.commits += 1;
    const nowMs = this.nowMs();
    this.machinery.latency?.committed(nowMs);
    return this.parts.state.write(this.machinery.commit.position(nowMs));
  }

  private stepIdleDomains(): void {
    for (const { domain, timeMs } of this.machinery.idleAdvance?.due() ?? []) {
      this.isTouched = true;
      this.machinery.loop.stepTo(domain, timeMs);
    }
  }

  private slice(maxRecords: number, deadlineMs: number): MaybePromise<SliceResult> {
    const { loop } = this.machinery;
    const { clock } = this.parts.options;
    for (let taken = 0; taken < maxRecords; taken += 1) {
      const step = taken % recordsPerClockCheck === 0 ? this.measuredStep() : loop.step();
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

  /** Notes how long the record took that is taken, where anybody asks for it. */
  private measuredStep(): MaybePromise<boolean> {
    const { loop, latency } = this.machinery;
    if (latency === null) return loop.step();
    const { clock } = this.parts.options;
    const startMs = clock.monotonicTimeMs();
    loop.takenMs = unknownTimeMs;
    return andThen(loop.step(), (went) => {
      const { takenMs } = loop;
      if (takenMs !== unknownTimeMs) latency.add(takenMs, clock.monotonicTimeMs() - startMs);
      return went;
    });
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
    return guarded(() => this.emitEach(0));
  }

  /** What a node asks to scan is told before the nodes below it emit. */
  private emitEach(first: number): MaybePromise<void> {
    const { graph, scans } = this.machinery;
    for (let index = first; index < graph.nodes.length; index++) {
      graph.nodes[index]?.commit();
      const scanned = scans.isEmpty ? undefined : scans.run();
      if (isPromise(scanned)) return scanned.then(() => this.emitEach(index + 1));
    }
    return undefined;
  }

  /** The same where what one node forwards may wait for a call before the next one gets it. */
  private emitThroughCalls(calls: TaskCalls, from: number): MaybePromise<void> {
    const { graph, scans, loop } = this.machinery;
    const node = graph.nodes[from];
    if (node === undefined) return undefined;
    const forwarded = guarded(() => {
      loop.commitNode(node);
      return scans.run();
    });
    const drained = andThen(forwarded, () => {
      calls.endUnit();
      return loop.drain(calls);
    });
    return andThen(drained, () => this.emitThroughCalls(calls, from + 1));
  }

  /** Everything as of now; what comes later begins the next interval. */
  private closeInterval(): PreparedInterval {
    invariant(this.prepared === null, 'One commit of a task is under way at a time.');
    const { queue, eventClock, timers, loop } = this.machinery;
    const commit = this.drain();
    const offsets = Object.fromEntries(
      queue.inputs.map(({ topic, position }) => [topic, position]),
    );
    const clock = eventClock.snapshot();
    const { steppingFor } = loop;
    const stepping = steppingFor === null ? {} : { steppingFor };
    const progress = { offsets, clock, timerArrivals: timers.arrivals, ...stepping };
    this.parts.counters.forced = queue.forced;
    this.machinery.latency?.closeInterval();
    this.isTouched = false;
    this.positions = this.currentPositions();
    this.again = new Map();
    return { commit, progress };
  }

  private drain(): TaskCommit {
    const { commit, queue } = this.machinery;
    const { partition } = this.parts.options;
    const batches = commit.prepare(this.nowMs(), this.again);
    const metadata = encodeCommitMetadata({
      commitNumber: commit.commitNumber + 1,
      transactionalId: this.parts.options.transactionalId ?? null,
    });
    const read = queue.inputs.filter(({ topic }) => this.parts.offsets.has(topic));
    const offsets = read.map(({ topic, position }) => ({
      topic,
      partition,
      offset: position,
      metadata,
    }));
    return { batches, offsets };
  }

  private get inFlight(): PreparedInterval {
    invariant(this.prepared !== null, 'A commit is under way.');
    return this.prepared;
  }

  private currentPositions(): number[] {
    return this.machinery.queue.inputs.map(({ position }) => position);
  }

  private input(topic: string): InputQueue | undefined {
    return this.machinery.queue.inputs.find((input) => input.topic === topic);
  }

  private nowMs(): number {
    return this.parts.options.clock.wallClockTimeMs();
  }
}

/** What fails in a commit is thrown as it is: no policy is asked. */
function guarded(emit: () => MaybePromise<void>): MaybePromise<void> {
  try {
    const emitted = emit();
    return isPromise(emitted) ? emitted.catch(throwCause) : emitted;
  } catch (error) {
    return throwCause(error);
  }
}

/** A commit cannot pass over what fails in it, so no policy is asked. */
function throwCause(error: unknown): never {
  throw causeOf(error);
}

/** What a task is assembled of. */
export interface Machinery {
  readonly queue: RecordQueue;
  readonly eventClock: EventClock;
  readonly timers: TaskTimers;
  readonly scans: ScanRunner;
  readonly collector: OutputCollector;
  readonly commit: CommitUnit;
  readonly graph: TaskGraph;
  readonly loop: TaskLoop;
  /** Null where no node makes any. */
  readonly calls: TaskCalls | null;
  /** Null where no source asks for it. */
  readonly idleAdvance: IdleAdvance | null;
  /** Null where nobody asks how long records take. */
  readonly latency: LatencySamples | null;
}
