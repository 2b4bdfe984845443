import type { MaybePromise } from '../model/maybe-promise.ts';

/** Runs every step, in order, whatever becomes of those before; throws what the first threw. */
export async function runAll(steps: readonly (() => MaybePromise<void>)[]): Promise<void> {
  let failure: { readonly error: unknown } | null = null;
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      failure ??= { error };
    }
  }
  if (failure !== null) throw failure.error;
}
