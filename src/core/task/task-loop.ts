import { ProcessingError } from '../model/errors.ts';
import { invariant } from '../model/invariant.ts';
import { andThen, isPromise, type MaybePromise } from '../model/maybe-promise.ts';
import type { StreamRecord } from '../model/record.ts';
import type { Call } from './call.ts';
import type { ErrorHandling } from './error-handling.ts';
import { type EventClock, unknownTimeMs } from './event-clock.ts';
import type { InputQueue } from './input-queue.ts';
import type { OutputCollector } from './output-collector.ts';
import type { ProcessorNode } from './processor-node.ts';
import type { RecordQueue } from './record-queue.ts';
import type { ScanRunner } from './scan-runner.ts';
import type { StateSavepoint, LocalState } from './state-port.ts';
import type { TaskCalls } from './task-calls.ts';
import type { TaskCounters } from './task-counters.ts';
import type { DueTimer, TaskTimers } from './task-timers.ts';
import { UnitFailure } from './unit-failure.ts';

/** Timers set and due within one step of time, at most. */
const maxTimersPerStep = 1_000_000;

type AnyRecord = StreamRecord<unknown, unknown>;

export interface TaskLoopParts {
  readonly queue: RecordQueue;
  readonly eventClock: EventClock;
  readonly timers: TaskTimers;
  readonly scans: ScanRunner;
  readonly collector: OutputCollector;
  readonly state: LocalState;
  readonly errors: ErrorHandling;
  readonly counters: TaskCounters;
  /** Null where no node makes any. */
  readonly calls: TaskCalls | null;
  /** The node that starts with the records of an input. */
  readonly roots: readonly ProcessorNode[];
  nodeOf(name: string): ProcessorNode;
  /** Whether a record in error may be undone: false where every policy is 'fail'. */
  readonly canUndo: boolean;
}

/**
 * Takes records one by one and steps time through the timers between them (SEMANTICS, "Time is
 * stepped"): due timers first, each at its own time, then the record, then what it made due. A
 * record or timer is a unit together with the scans it asked for; only whole units are committed.
 */
export class TaskLoop {
  /** Timers set before the step may be any number: only those set within it are counted. */
  private firstArrival = 0;
  private timersThisStep = 0;
  private savepoint: StateSavepoint = 0;
  /** The timestamp of the record that was taken last. */
  takenMs = unknownTimeMs;

  constructor(private readonly parts: TaskLoopParts) {}

  /** Takes the next record, or the result of a call. False: there is none to take. */
  step(): MaybePromise<boolean> {
    const { calls } = this.parts;
    return calls === null ? this.takeNext() : this.stepWithCalls(calls);
  }

  /** Works on the results of all calls, as they come. */
  drain(calls: TaskCalls): MaybePromise<void> {
    calls.isHeld = true;
    for (;;) {
      const step = this.stepWithCalls(calls);
      if (isPromise(step)) return step.then(() => this.drain(calls));
      if (!step) break;
    }
    if (!calls.isAtRest) return calls.attemptEnded().then(() => this.drain(calls));
    this.parts.eventClock.settleClosed();
    return undefined;
  }

  /** What a node forwards in a commit may wait for calls. */
  commitNode(node: ProcessorNode): void {
    this.parts.errors.workOnCommit();
    node.commit();
  }

  /** Steps stream time without a record, and what follows from it. */
  stepTo(domain: number, timeMs: number): MaybePromise<void> {
    const { calls } = this.parts;
    return andThen(this.stepDomain(domain, timeMs), () =>
      calls === null ? undefined : this.stepBehind(calls),
    );
  }

  private stepWithCalls(calls: TaskCalls): MaybePromise<boolean> {
    const call = calls.next();
    const went = call === null ? calls.takesRecords && this.takeNext() : this.finish(calls, call);
    if (isPromise(went)) return went.then((hasWorked) => hasWorked && this.follow(calls));
    return went && this.follow(calls);
  }

  private follow(calls: TaskCalls): MaybePromise<true> {
    const stepped = this.stepBehind(calls);
    return isPromise(stepped) ? stepped.then((): true => true) : true;
  }

  /** A result is a unit of its own, at the moment of its record. */
  private finish(calls: TaskCalls, call: Call): MaybePromise<boolean> {
    const { errors, eventClock } = this.parts;
    const { place, momentMs, node, record } = call.request;
    errors.workOnResult(place);
    eventClock.momentMs = momentMs;
    this.begin();
    let done: MaybePromise<void>;
    try {
      invariant(call.outcome !== null, 'A call that is worked on has ended.');
      this.parts.nodeOf(node).finish(record, call.outcome);
      done = this.settle();
    } catch (error) {
      done = this.recover(error);
    }
    if (isPromise(done)) return done.then(() => this.finished(calls, call));
    return this.finished(calls, call);
  }

  private finished(calls: TaskCalls, call: Call): true {
    this.parts.eventClock.momentMs = unknownTimeMs;
    calls.done(call);
    return true;
  }

  /** Lets time behind the calls follow, until it stands everywhere. */
  private stepBehind(calls: TaskCalls): MaybePromise<void> {
    const { eventClock, timers } = this.parts;
    for (const behind of calls.behind) {
      behind.look(eventClock);
      const { domain, frontierMs } = behind;
      const beforeMs = eventClock.streamTimeMs(domain);
      const advances = frontierMs > beforeMs;
      if (!advances && !timers.mayBeDue(domain, beforeMs)) continue;
      const stepped = this.stepDomain(domain, frontierMs);
      if (isPromise(stepped)) return stepped.then(() => this.stepBehind(calls));
      // What is behind it in turn may stand earlier in the list.
      if (advances && calls.behind.length > 1) return this.stepBehind(calls);
    }
    return undefined;
  }

  private stepDomain(domain: number, timeMs: number): MaybePromise<void> {
    const { eventClock, timers } = this.parts;
    const beforeMs = eventClock.streamTimeMs(domain);
    const toMs = Math.max(beforeMs, timeMs);
    if (!timers.isSilent(domain)) {
      if (beforeMs === unknownTimeMs && toMs !== unknownTimeMs) timers.begin(domain, toMs);
      this.beginStep();
      const run = this.runTimers(domain, toMs);
      if (isPromise(run)) return run.then(() => eventClock.advance(domain, toMs));
    }
    eventClock.advance(domain, toMs);
    return undefined;
  }

  private takeNext(): MaybePromise<boolean> {
    const { queue, eventClock, timers, counters } = this.parts;
    const input = queue.next();
    if (input === null) return false;
    const record = input.head() as AnyRecord; // next() found a head
    const domain = eventClock.domainOf(input.input);
    counters.recordsIn += 1;
    this.takenMs = record.timestamp;
    if (timers.isSilent(domain)) {
      eventClock.advance(domain, record.timestamp);
      return this.take(input, record);
    }
    return this.stepThroughTimers(domain, input, record.timestamp);
  }

  /** Runs what the wall clock made due. */
  wallClockTimers(): MaybePromise<void> {
    const { timers } = this.parts;
    if (!timers.hasWallClock) return undefined;
    this.beginStep();
    // One reading for all: a callback slower than its period must not be due again at once.
    return this.runWallClockTimers(timers.wallClockTimeMs);
  }

  private runWallClockTimers(nowMs: number): MaybePromise<void> {
    const { timers } = this.parts;
    for (;;) {
      const due = timers.takeWallClockDue(nowMs);
      if (isPromise(due)) return due.then((timer) => this.fireAndGoOn(timer, nowMs));
      if (due === null) return undefined;
      const fired = this.fire(due);
      if (isPromise(fired)) return fired.then(() => this.runWallClockTimers(nowMs));
    }
  }

  private async fireAndGoOn(due: DueTimer | null, nowMs: number): Promise<void> {
    if (due === null) return;
    await this.fire(due);
    await this.runWallClockTimers(nowMs);
  }

  private beginStep(): void {
    this.firstArrival = this.parts.timers.arrivals;
    this.timersThisStep = 0;
  }

  private stepThroughTimers(
    domain: number,
    input: InputQueue,
    timestamp: number,
  ): MaybePromise<boolean> {
    const { eventClock, timers } = this.parts;
    const timeMs = Math.max(eventClock.streamTimeMs(domain), timestamp);
    if (eventClock.streamTimeMs(domain) === unknownTimeMs) timers.begin(domain, timeMs);
    this.beginStep();
    const before = this.runTimers(domain, timeMs);
    if (isPromise(before)) return before.then(() => this.finishStep(domain, timeMs, input));
    return this.finishStep(domain, timeMs, input);
  }

  private finishStep(domain: number, timeMs: number, input: InputQueue): MaybePromise<boolean> {
    this.parts.eventClock.advance(domain, timeMs);
    const record = input.head() as AnyRecord; // still the one taken
    const taken = this.take(input, record);
    if (isPromise(taken)) return taken.then(() => this.afterRecord(domain));
    return this.afterRecord(domain);
  }

  private afterRecord(domain: number): MaybePromise<boolean> {
    const after = this.runTimers(domain, this.parts.eventClock.streamTimeMs(domain));
    return isPromise(after) ? after.then(() => true) : true;
  }

  /** Runs the timers up to `timeMs`, least first, each at its own time. */
  private runTimers(domain: number, timeMs: number): MaybePromise<void> {
    const { timers, eventClock } = this.parts;
    if (!timers.mayBeDue(domain, timeMs)) return undefined;
    for (;;) {
      const reached = timers.reach(domain, timeMs);
      if (isPromise(reached)) return reached.then(() => this.runTimers(domain, timeMs));
      const due = timers.takeDue(domain, timeMs);
      if (due === null) return undefined;
      eventClock.advance(domain, due.timeMs);
      const fired = this.fire(due);
      if (isPromise(fired)) return fired.then(() => this.runTimers(domain, timeMs));
    }
  }

  private fire(due: DueTimer): MaybePromise<void> {
    if (due.timer !== null && due.timer.arrival >= this.firstArrival) this.timersThisStep += 1;
    if (this.timersThisStep > maxTimersPerStep) throw timerLoop(due);
    this.parts.errors.workOnTimer(due);
    this.begin();
    try {
      if (due.timer === null) due.fire();
      else this.parts.nodeOf(due.node).fire(due.timer);
      return this.settle();
    } catch (error) {
      return this.recover(error);
    }
  }

  private take(input: InputQueue, record: AnyRecord): MaybePromise<boolean> {
    const { eventClock, errors, roots } = this.parts;
    eventClock.advancePartition(input.input, record.timestamp);
    errors.workOn(input);
    this.begin();
    let done: MaybePromise<void>;
    try {
      (roots[input.input] as ProcessorNode).receive(record); // one root an input
      done = this.settle();
    } catch (error) {
      done = this.recover(error);
    }
    if (isPromise(done)) return done.then(() => consumed(input));
    return consumed(input);
  }

  private begin(): void {
    if (!this.parts.canUndo) return;
    const { collector, state, timers } = this.parts;
    collector.beginUnit();
    this.savepoint = state.savepoint();
    timers.beginUnit();
  }

  /** Runs the scans of the unit; then its effects stay. */
  private settle(): MaybePromise<void> {
    const { scans } = this.parts;
    if (!scans.isEmpty) {
      const scanned = scans.run();
      if (isPromise(scanned)) {
        return scanned.then(
          () => this.end(),
          (error: unknown) => this.recover(error),
        );
      }
    }
    this.end();
    return undefined;
  }

  private end(): void {
    this.parts.calls?.endUnit();
    if (!this.parts.canUndo) return;
    this.parts.state.release(this.savepoint);
    this.parts.timers.endUnit();
  }

  /** Undoes the unit and lets its policy decide; throws on what no policy is for. */
  private recover(error: unknown): MaybePromise<void> {
    const { collector, state, timers, scans, errors, calls, canUndo } = this.parts;
    if (!(error instanceof UnitFailure)) throw error;
    if (canUndo) {
      collector.undo();
      state.rollbackTo(this.savepoint);
      timers.undo();
    }
    calls?.undoUnit();
    return andThen(scans.clear(), () => {
      errors.handle(error);
      calls?.endUnit();
    });
  }
}

function consumed(input: InputQueue): true {
  input.consume();
  return true;
}

function timerLoop({ node, timeMs }: DueTimer): ProcessingError {
  return new ProcessingError(
    'TIMER_LOOP',
    `More than ${maxTimersPerStep} timers were due at ${timeMs} within one step (node '${node}'). ` +
      'A callback that sets the next timer must set it later than the one it answers.',
    { where: { node } },
  );
}
