import { isPromise, type MaybePromise } from '../model/maybe-promise.ts';
import { type EventClock, unknownTimeMs } from './event-clock.ts';
import type { DueTimer, TaskTimers } from './task-timers.ts';
import { TimerGuard } from './timer-guard.ts';

/** Few enough that the task soon looks at the clock again, and can commit between two turns. */
const timersPerTurn = 16;
/** The clock is looked at behind each turn of these. */
const wallClockTimersPerTurn = 1_000;

export interface TimeStepsParts {
  readonly timers: TaskTimers;
  readonly eventClock: EventClock;
  fire(due: DueTimer): MaybePromise<void>;
}

interface DomainStep {
  readonly guard: TimerGuard;
  /** Whether there are timers left for the next turn. */
  isOpen: boolean;
}

/**
 * Steps time through the timers it makes due, least first, each at its own time (SEMANTICS, "Time
 * is stepped"). A jump may owe any number of them, so a step goes on over as many turns as it
 * needs.
 */
export class TimeSteps {
  private readonly domains: DomainStep[] = [];
  private readonly wallGuard = new TimerGuard();
  /** The reading that the wall-clock timers run up to, until all of them have run. */
  private wallMs: number | null = null;

  constructor(private readonly parts: TimeStepsParts) {}

  /**
   * One turn of a step, the first where none is open. True: time stands at `timeMs`, or where it
   * was if that is later, and the step is over but for its `rest`.
   */
  turn(domain: number, timeMs: number): MaybePromise<boolean> {
    const step = this.stepOf(domain);
    if (!step.isOpen) this.begin(step, domain, timeMs);
    const ran = this.run(domain, timeMs, timersPerTurn);
    if (isPromise(ran)) return ran.then((isThrough) => this.arrive(domain, timeMs, isThrough));
    return this.arrive(domain, timeMs, ran);
  }

  /** The end of a step: what was set for a time that is reached. */
  rest(domain: number): MaybePromise<boolean> {
    return this.run(domain, this.parts.eventClock.streamTimeMs(domain), Infinity);
  }

  /** One turn of what the wall clock made due. True: it owes nothing. */
  wallClockTurn(): MaybePromise<boolean> {
    const { timers } = this.parts;
    if (!timers.hasWallClock) return true;
    if (this.wallMs === null) {
      // One reading for all: a callback slower than its period must not be due again at once.
      this.wallMs = timers.wallClockTimeMs;
      this.wallGuard.begin(timers.arrivals);
    }
    return this.runWallClock(this.wallMs, wallClockTimersPerTurn);
  }

  private begin({ guard }: DomainStep, domain: number, timeMs: number): void {
    const { timers, eventClock } = this.parts;
    if (eventClock.streamTimeMs(domain) === unknownTimeMs && timeMs !== unknownTimeMs) {
      timers.begin(domain, timeMs);
    }
    guard.begin(timers.arrivals);
  }

  private arrive(domain: number, timeMs: number, isThrough: boolean): boolean {
    this.stepOf(domain).isOpen = !isThrough;
    if (isThrough) this.parts.eventClock.advance(domain, timeMs);
    return isThrough;
  }

  private run(domain: number, timeMs: number, budget: number): MaybePromise<boolean> {
    const { timers, eventClock } = this.parts;
    const toMs = Math.max(timeMs, eventClock.streamTimeMs(domain));
    if (!timers.mayBeDue(domain, toMs)) return true;
    for (let left = budget; left > 0; left -= 1) {
      const reached = timers.reach(domain, toMs);
      if (isPromise(reached)) return reached.then(() => this.run(domain, toMs, left));
      const due = timers.takeDue(domain, toMs);
      if (due === null) return true;
      eventClock.advance(domain, due.timeMs);
      this.stepOf(domain).guard.count(due);
      const fired = this.parts.fire(due);
      if (isPromise(fired)) return fired.then(() => this.run(domain, toMs, left - 1));
    }
    return false;
  }

  private runWallClock(nowMs: number, budget: number): MaybePromise<boolean> {
    for (let left = budget; left > 0; left -= 1) {
      const due = this.parts.timers.takeWallClockDue(nowMs);
      if (isPromise(due)) return this.fireAndGoOn(due, nowMs, left);
      if (due === null) return this.wallClockDone();
      this.wallGuard.count(due);
      const fired = this.parts.fire(due);
      if (isPromise(fired)) return fired.then(() => this.runWallClock(nowMs, left - 1));
    }
    return false;
  }

  private async fireAndGoOn(
    next: Promise<DueTimer | null>,
    nowMs: number,
    left: number,
  ): Promise<boolean> {
    const due = await next;
    if (due === null) return this.wallClockDone();
    this.wallGuard.count(due);
    await this.parts.fire(due);
    return this.runWallClock(nowMs, left - 1);
  }

  private wallClockDone(): true {
    this.wallMs = null;
    return true;
  }

  private stepOf(domain: number): DomainStep {
    return (this.domains[domain] ??= { guard: new TimerGuard(), isOpen: false });
  }
}
