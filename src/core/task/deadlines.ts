import type { Clock, ScheduledCall, Scheduler } from '../runtime/runtime.ts';

export interface Expiring {
  /** It has not ended in time. */
  expire(): void;
}

/** One timer for many that have equally long: who begins first runs out of time first. */
export class Deadlines {
  private readonly endOf = new Map<Expiring, number>();
  private timer: ScheduledCall | null = null;

  constructor(
    private readonly durationMs: number,
    private readonly clock: Clock,
    private readonly scheduler: Scheduler,
  ) {}

  begin(expiring: Expiring): void {
    this.endOf.set(expiring, this.clock.monotonicTimeMs() + this.durationMs);
    this.timer ??= this.lookAfter(this.durationMs);
  }

  end(expiring: Expiring): void {
    if (!this.endOf.delete(expiring) || this.endOf.size > 0) return;
    this.timer?.cancel();
    this.timer = null;
  }

  /** Keeps the process alive: whoever is waited for may have nothing else that does. */
  private lookAfter(delayMs: number): ScheduledCall {
    return this.scheduler.after(delayMs, () => this.look(), true);
  }

  private look(): void {
    const nowMs = this.clock.monotonicTimeMs();
    const expired: Expiring[] = [];
    for (const [expiring, endMs] of this.endOf) {
      if (endMs > nowMs) break;
      expired.push(expiring);
    }
    for (const expiring of expired) this.endOf.delete(expiring);
    const [next] = this.endOf.values();
    // Not too early by a fraction of a millisecond, which timers do not know.
    this.timer = next === undefined ? null : this.lookAfter(Math.ceil(next - nowMs));
    // At last: each may begin another attempt.
    for (const expiring of expired) expiring.expire();
  }
}
