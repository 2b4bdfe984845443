import { ProcessingError } from '../model/errors.ts';
import type { DueTimer } from './task-timers.ts';

/** Timers set and due within one step of time, at most. */
const maxTimersPerStep = 1_000_000;

/** Ends a step of time in which callbacks answer timers by timers that are due at once. */
export class TimerGuard {
  /** Timers set before the step may be any number: only those set within it are counted. */
  private firstArrival = 0;
  private fired = 0;

  begin(nextArrival: number): void {
    this.firstArrival = nextArrival;
    this.fired = 0;
  }

  /** @throws {ProcessingError} `TIMER_LOOP` above a million. */
  count(due: DueTimer): void {
    if (due.timer !== null && due.timer.arrival >= this.firstArrival) this.fired += 1;
    if (this.fired > maxTimersPerStep) throw timerLoop(due);
  }
}

function timerLoop({ node, timeMs }: DueTimer): ProcessingError {
  return new ProcessingError(
    'TIMER_LOOP',
    `More than ${maxTimersPerStep} timers were due at ${timeMs} within one step (node '${node}'). ` +
      'A callback that sets the next timer must set it later than the one it answers.',
    { where: { node } },
  );
}
