import type { Scheduler } from '../../runtime/runtime.ts';
import type { ChangeSignal } from './change-signal.ts';

export interface WaitOptions {
  /** Of the signal when the caller last looked: a change since then ends the wait at once. */
  readonly version: number;
  readonly maxWaitMs: number;
}

export interface Wait {
  readonly done: Promise<void>;
  /** Ends the wait. */
  end(): void;
}

/** Waits for the next change, at most `maxWaitMs`. */
export function waitForChange(
  changes: ChangeSignal,
  scheduler: Scheduler,
  { version, maxWaitMs }: WaitOptions,
): Wait {
  if (changes.version !== version) return { done: Promise.resolve(), end: () => undefined };
  let end = (): void => undefined;
  const done = new Promise<void>((resolve) => {
    const timer = scheduler.after(maxWaitMs, () => end());
    const cancel = changes.once(() => end());
    end = () => {
      timer.cancel();
      cancel();
      resolve();
    };
  });
  return { done, end: () => end() };
}
