import type { KafkaBreakage } from './broken-log.ts';

/** What the parent tells a worker process at its start. */
export interface WorkerOptions {
  readonly brokers: readonly string[];
  readonly recordsPerSecond: number;
  readonly breakage: KafkaBreakage | null;
}

/** What the parent tells a running worker, besides whom to strike. */
export type PaceOrder = Pick<WorkerOptions, 'recordsPerSecond'>;

/** The longest that these workers wait for the answer to a request of a commit. */
export const requestTimeoutMs = 10_000;
