import { LogError } from '../../model/errors.ts';
import type { Runtime } from '../../runtime/runtime.ts';

const firstBackoffMs = 10;
const maxBackoffMs = 1_000;

/**
 * Sends until there is an answer or, after failing for so long, it is wanted no more. Group
 * requests may be repeated, so an unknown outcome is no reason to stop; what the group refuses is.
 */
export async function repeatRequest<T>(
  { clock, scheduler }: Runtime,
  send: () => Promise<T>,
  isWanted: (failingMs: number) => boolean,
): Promise<T> {
  let firstFailureMs = Infinity;
  const isStillWanted = (): boolean => isWanted(clock.monotonicTimeMs() - firstFailureMs);
  for (let backoffMs = firstBackoffMs; ; backoffMs = Math.min(maxBackoffMs, backoffMs * 2)) {
    try {
      return await send();
    } catch (error) {
      firstFailureMs = Math.min(firstFailureMs, clock.monotonicTimeMs());
      if (!mayRepeat(error) || !isStillWanted()) throw error;
      await scheduler.sleep(backoffMs);
      if (!isStillWanted()) throw error;
    }
  }
}

function mayRepeat(error: unknown): boolean {
  if (!(error instanceof LogError)) return false;
  return error.errorClass === 'retriable' || error.errorClass === 'abort-and-reinitialise';
}
