import type { CommitStep } from './freezing-log.ts';
import type { KafkaBreakage } from './broken-log.ts';

/** What the parent tells a worker process, as JSON in its first argument. */
export interface WorkerOptions {
  readonly brokers: readonly string[];
  readonly instanceId: string;
  readonly stateDir: string;
  readonly recordsPerSecond: number;
  readonly breakage: KafkaBreakage | null;
}

/** What the parent tells a running worker. */
export type WorkerOrder =
  /** Stand still before that step. */
  | { readonly freezeBefore: CommitStep; readonly askedMs: number }
  | { readonly recordsPerSecond: number };

/** Short, for a worker that is stopped longer has lost its tasks. */
export const sessionTimeoutMs = 6_000;

/** The longest that these workers wait for the answer to a request of a commit. */
export const requestTimeoutMs = 10_000;
