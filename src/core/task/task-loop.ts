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
import { TimeSteps } from './time-steps.ts';
import { UnitFailure } from './unit-failure.ts';

type AnyRecord = StreamRecord<unknown, unknown>;

interface TimeStep {
  readonly domain: number;
  readonly timeMs: number;
  /** Its head is taken at the end of the step; null where time goes by itself. */
  readonly input: InputQueue | null;
}

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
  private readonly times: TimeSteps;
  /** Steps of time that are not over: the records they are for are not taken yet. */
  private readonly pending: TimeStep[] = [];
  /** Whether time behind the calls is in the middle of a step. */
  isTimeBehindOwed = false;
  private savepoint: StateSavepoint = 0;
  /** The timestamp of the record that was taken last. */
  takenMs = unknownTimeMs;

  constructor(private readonly parts: TaskLoopParts) {
    const { timers, eventClock } = parts;
    this.times = new TimeSteps({ timers, eventClock, fire: (due) => this.fire(due) });
  }

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

  /** Steps stream time without a record, and what follows from it: in the turns that come. */
  stepTo(domain: number, timeMs: number): void {
    this.pending.push({ domain, timeMs, input: null });
  }

  /** One turn of what the wall clock made due. True: it owes nothing. */
  wallClockTimers(): MaybePromise<boolean> {
    return this.times.wallClockTurn();
  }

  /** The input that time is stepped for, where the commit falls between two timers. */
  get steppingFor(): string | null {
    return this.pending[0]?.input?.topic ?? null;
  }

  private stepWithCalls(calls: TaskCalls): MaybePromise<boolean> {
    // The next result finds time behind the calls where the one before it has put it.
    if (this.isTimeBehindOwed) return this.follow(calls);
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

  /** Lets time behind the calls follow, until it stands everywhere or the turn is over. */
  private stepBehind(calls: TaskCalls): MaybePromise<void> {
    const { eventClock, timers } = this.parts;
    this.isTimeBehindOwed = false;
    for (const behind of calls.behind) {
      behind.look(eventClock);
      const { domain, frontierMs } = behind;
      const beforeMs = eventClock.streamTimeMs(domain);
      const advances = frontierMs > beforeMs;
      if (!advances && !timers.mayBeDue(domain, beforeMs)) continue;
      const turned = this.times.turn(domain, frontierMs);
      if (isPromise(turned)) return turned.then((isThrough) => this.goOnBehind(calls, isThrough));
      // What is behind it in turn may stand earlier in the list.
      if (!turned || (advances && calls.behind.length > 1)) return this.goOnBehind(calls, turned);
    }
    return undefined;
  }

  private goOnBehind(calls: TaskCalls, isThrough: boolean): MaybePromise<void> {
    this.isTimeBehindOwed = !isThrough;
    return isThrough ? this.stepBehind(calls) : undefined;
  }

  private takeNext(): MaybePromise<boolean> {
    const { queue, eventClock, timers } = this.parts;
    const pending = this.pending[0];
    if (pending !== undefined) return this.goOn(pending);
    const input = queue.next();
    if (input === null) return false;
    const record = input.head() as AnyRecord; // next() found a head
    const domain = eventClock.domainOf(input.input);
    if (timers.isSilent(domain)) {
      eventClock.advance(domain, record.timestamp);
      return this.take(input, record);
    }
    const timeMs = record.timestamp;
    const turned = this.times.turn(domain, timeMs);
    if (turned === true) return this.takeInStep(domain, input);
    const step = { domain, timeMs, input };
    this.pending.push(step);
    return turned === false || turned.then((isThrough) => this.turned(step, isThrough));
  }

  private goOn(step: TimeStep): MaybePromise<boolean> {
    const turned = this.times.turn(step.domain, step.timeMs);
    if (isPromise(turned)) return turned.then((isThrough) => this.turned(step, isThrough));
    return this.turned(step, turned);
  }

  private turned(step: TimeStep, isThrough: boolean): MaybePromise<boolean> {
    if (!isThrough) return true;
    this.pending.shift();
    return step.input === null || this.takeInStep(step.domain, step.input);
  }

  /** Time has come to the record; what it sets for a time that is reached ends the step. */
  private takeInStep(domain: number, input: InputQueue): MaybePromise<boolean> {
    const taken = this.take(input, input.head() as AnyRecord); // still the one that was chosen
    return isPromise(taken) ? taken.then(() => this.times.rest(domain)) : this.times.rest(domain);
  }

  private fire(due: DueTimer): MaybePromise<void> {
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
    const { eventClock, errors, roots, counters } = this.parts;
    counters.recordsIn += 1;
    this.takenMs = record.timestamp;
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
