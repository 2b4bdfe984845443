import type { Scheduler } from '../runtime/runtime.ts';

/** Wakes one waiter; a call before the wait counts. */
export class Signal {
  private isSet = false;
  private wake: (() => void) | null = null;

  constructor(private readonly scheduler: Scheduler) {}

  notify(): void {
    this.isSet = true;
    this.wake?.();
  }

  /** Resolves at the next `notify`, or after `maxMs`. */
  async wait(maxMs: number): Promise<void> {
    if (!this.isSet) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        // Whoever waits here is at work: the process must not end for want of anything else.
        const call = this.scheduler.after(maxMs, resolve, true);
        this.wake = () => {
          call.cancel();
          resolve();
        };
      });
    }
    this.wake = null;
    this.isSet = false;
  }
}
