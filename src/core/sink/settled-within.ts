import type { Scheduler } from '../runtime/runtime.ts';

/** Resolves once the promise has settled, or after `maxMs`; whatever it comes to. */
export async function settledWithin(
  promise: Promise<unknown>,
  maxMs: number,
  scheduler: Scheduler,
): Promise<void> {
  await new Promise<void>((resolve) => {
    const late = scheduler.after(maxMs, resolve, true);
    const settled = () => {
      late.cancel();
      resolve();
    };
    promise.then(settled, settled);
  });
}
