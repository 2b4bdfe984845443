import { LogError } from '../model/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Scheduler } from '../runtime/runtime.ts';

const maxAttempts = 5;
/** After the first attempt; doubles from one to the next. */
const firstDelayMs = 250;
/** Whoever looks on is told what a start of so long waits for. */
const patienceMs = 5_000;

/** Runs steps that do no harm when they are taken twice until the log has answered all of them. */
export async function withStartAttempts<T>(
  scheduler: Scheduler,
  logger: Logger,
  steps: () => Promise<T>,
): Promise<T> {
  const waits = scheduler.after(patienceMs, () => {
    logger.warn(`The start still waits for the log after ${patienceMs} ms.`);
  });
  try {
    return await attempts(scheduler, logger, steps);
  } finally {
    waits.cancel();
  }
}

async function attempts<T>(
  scheduler: Scheduler,
  logger: Logger,
  steps: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await steps();
    } catch (error) {
      if (!isWorthRepeating(error) || attempt === maxAttempts) throw error;
      const { message, code } = error;
      logger.warn(`The start is tried again: ${message}`, { code, attempt });
    }
    await scheduler.sleep(firstDelayMs * 2 ** (attempt - 1));
  }
}

/** A log that cannot be reached has been waited for already, long enough for a start. */
function isWorthRepeating(error: unknown): error is LogError {
  if (!(error instanceof LogError) || error.code === 'BROKER_UNREACHABLE') return false;
  return error.errorClass === 'retriable' || error.errorClass === 'abort-and-reinitialise';
}
