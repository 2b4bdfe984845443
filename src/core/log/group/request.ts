import { LogError } from '../../model/errors.ts';
import type { Scheduler } from '../../runtime/runtime.ts';

const maxAttempts = 50;
const firstBackoffMs = 10;
const maxBackoffMs = 1_000;

/**
 * Sends until there is an answer or it is wanted no more. Group requests may be repeated, so an
 * unknown outcome is no reason to stop; what the group refuses is.
 */
export async function repeatRequest<T>(
  scheduler: Scheduler,
  send: () => Promise<T>,
  isWanted: () => boolean,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send();
    } catch (error) {
      if (attempt === maxAttempts || !mayRepeat(error) || !isWanted()) throw error;
      await scheduler.sleep(Math.min(maxBackoffMs, firstBackoffMs * 2 ** (attempt - 1)));
      if (!isWanted()) throw error;
    }
  }
}

function mayRepeat(error: unknown): boolean {
  if (!(error instanceof LogError)) return false;
  return error.errorClass === 'retriable' || error.errorClass === 'abort-and-reinitialise';
}
