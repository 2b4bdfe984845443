import type { ScheduledCall } from './runtime.ts';

interface DueCall {
  readonly atMs: number;
  readonly call: () => void;
}

/** Calls that wait for virtual time, first come first served within one instant. */
export class VirtualSchedule {
  nowMs = 0;
  /** Descending by time, so that the next call is the last element. */
  private readonly waiting: DueCall[] = [];

  get size(): number {
    return this.waiting.length;
  }

  nextAtMs(): number | null {
    return this.waiting.at(-1)?.atMs ?? null;
  }

  add(delayMs: number, call: () => void): ScheduledCall {
    const due = { atMs: this.nowMs + Math.max(0, delayMs), call };
    this.waiting.splice(this.placeOf(due.atMs), 0, due);
    return {
      cancel: () => {
        const index = this.waiting.indexOf(due);
        if (index >= 0) this.waiting.splice(index, 1);
      },
    };
  }

  /** Moves time to the next call and makes it. False: there is none. */
  fireNext(): boolean {
    const due = this.waiting.pop();
    if (due === undefined) return false;
    this.nowMs = due.atMs;
    due.call();
    return true;
  }

  /** Before all that is due at the same time or earlier: those were there first. */
  private placeOf(atMs: number): number {
    let low = 0;
    let high = this.waiting.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.waiting[middle]?.atMs ?? 0) > atMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
