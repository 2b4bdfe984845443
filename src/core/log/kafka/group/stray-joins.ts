import type { Clock } from '../../../runtime/runtime.ts';

/**
 * Joins for a new member id whose answer never came. A broker that was slow may carry one out after
 * the join that was sent in its place: the member is then replaced by nobody, and is told that
 * another took its instance id.
 */
export class StrayJoins {
  private count = 0;
  private endMs = Infinity;

  constructor(private readonly clock: Clock) {}

  add(): void {
    this.count += 1;
    this.endMs = Infinity;
  }

  /** A later join was answered: what was sent before it comes soon or not at all. */
  expireAfter(delayMs: number): void {
    this.endMs = this.clock.monotonicTimeMs() + delayMs;
  }

  /** True if a stray join may be why the member was replaced; each explains one replacement. */
  takeOne(): boolean {
    if (this.clock.monotonicTimeMs() > this.endMs) this.count = 0;
    if (this.count === 0) return false;
    this.count -= 1;
    return true;
  }
}
