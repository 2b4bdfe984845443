import { exitCodes } from '../exit-codes.ts';
import type { ProcessEnd } from './worker-process.ts';

export interface RestartPolicy {
  /** Before the first restart; doubled for each failure in a row. */
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  /** Running for so long makes earlier failures forgotten. */
  readonly healthyMs: number;
  /** Failures in a row that are forgiven. */
  readonly maxRestarts: number;
}

export const defaultRestartPolicy: RestartPolicy = Object.freeze({
  firstDelayMs: 250,
  maxDelayMs: 30_000,
  healthyMs: 10_000,
  maxRestarts: 10,
});

/** The life of a worker process that has ended. */
export interface ProcessLife {
  readonly end: ProcessEnd;
  /** From when it said that it runs; 0 if it never did. */
  readonly runningMs: number;
  /** Failures in a row before this life. */
  readonly failures: number;
}

/** What to do about a process that ended, and how many failures in a row there are now. */
export type RestartDecision =
  | { readonly type: 'restart'; readonly delayMs: number; readonly failures: number }
  | { readonly type: 'finished' }
  | { readonly type: 'give-up'; readonly code: number; readonly failures: number };

export function decideRestart(
  { end, runningMs, failures }: ProcessLife,
  { firstDelayMs, maxDelayMs, healthyMs, maxRestarts }: RestartPolicy,
): RestartDecision {
  if (end.code === exitCodes.clean) return { type: 'finished' };
  const before = runningMs >= healthyMs ? 0 : failures;
  if (end.code === exitCodes.restartMe) return { type: 'restart', delayMs: 0, failures: before };
  const now = before + 1;
  const code = end.code ?? exitCodes.failed;
  if (code === exitCodes.usage || now > maxRestarts)
    return { type: 'give-up', code, failures: now };
  return {
    type: 'restart',
    delayMs: Math.min(maxDelayMs, firstDelayMs * 2 ** before),
    failures: now,
  };
}
