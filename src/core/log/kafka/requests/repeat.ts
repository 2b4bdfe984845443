import { LogError } from '../../../model/errors.ts';
import type { Runtime } from '../../../runtime/runtime.ts';

/** What is worth repeating, how often and for how long. */
export interface Patience {
  /** Waits between attempts; the last one goes on. */
  readonly backoffMs: readonly number[];
  /** How long after the first attempt an error of this kind is still no reason to stop. */
  readonly maxMs: (error: LogError) => number;
}

/** Attempts until one succeeds or fails with what patience has ended for. */
export async function repeat<T>(
  { clock, scheduler }: Runtime,
  { backoffMs, maxMs }: Patience,
  attempt: () => Promise<T>,
): Promise<T> {
  const startMs = clock.monotonicTimeMs();
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await attempt();
    } catch (error) {
      const limitMs = error instanceof LogError ? maxMs(error) : 0;
      if (clock.monotonicTimeMs() - startMs >= limitMs) throw error;
    }
    await scheduler.sleep(backoffMs[attempts - 1] ?? backoffMs.at(-1) ?? 0);
  }
}

/** The request may have been carried out, now or later: nobody knows. */
export function isInDoubt(error: unknown): boolean {
  return !(error instanceof LogError) || doubtfulCodes.has(error.code);
}

const doubtfulCodes: ReadonlySet<string> = new Set([
  'REQUEST_TIMED_OUT',
  'CORRUPT_ANSWER',
  'LOG_CLOSED',
]);

/** Less than the time-out of a transaction, which a longer wait would not survive. */
const stepMs = 20_000;
/** Brokers learn of a new topic one after the other. */
const newTopicMs = 3_000;
const longMs = 30_000;

/** Refused or unreachable, hence surely not done; 51 is usual right after a commit. */
function maxStepMs({ errorClass, code }: LogError): number {
  if (errorClass === 'retriable') return stepMs;
  return code === 'TOPIC_MISSING' ? newTopicMs : 0;
}

/** For steps of a transaction. */
export const stepPatience: Patience = {
  backoffMs: [3, 5, 10, 20, 50, 100],
  maxMs: maxStepMs,
};

/** For requests that do no harm when they are carried out twice. */
export const idempotentPatience: Patience = {
  backoffMs: [5, 10, 20, 50, 100, 200, 500],
  maxMs: (error) => {
    if (error.errorClass === 'retriable' || error.code === 'REQUEST_TIMED_OUT') return longMs;
    return error.code === 'TOPIC_MISSING' ? newTopicMs : 0;
  },
};
