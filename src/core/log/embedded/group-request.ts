import { LogError } from '../../model/errors.ts';
import type { Scheduler } from '../../runtime/runtime.ts';

const MAX_ATTEMPTS = 50;
const FIRST_BACKOFF_MS = 10;
const MAX_BACKOFF_MS = 1_000;

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
      if (attempt === MAX_ATTEMPTS || !mayRepeat(error) || !isWanted()) throw error;
    }
    await scheduler.sleep(Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempt - 1)));
  }
}

function mayRepeat(error: unknown): boolean {
  if (!(error instanceof LogError)) return false;
  return error.errorClass === 'retriable' || error.errorClass === 'abort-and-reinitialise';
}
