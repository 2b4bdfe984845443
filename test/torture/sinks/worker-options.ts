import type { DatabaseKind } from '../../sinks/support/tested-database.ts';
import type { SinkBreakage } from './broken-sinks.ts';

/** What the parent tells a worker process, as JSON in its first argument. */
export interface SinkWorkerOptions {
  readonly brokers: readonly string[];
  readonly instanceId: string;
  readonly stateDir: string;
  readonly kind: DatabaseKind;
  /** Of the proxy before the database. */
  readonly databasePort: number;
  readonly breakage: SinkBreakage | null;
}

/** The steps of a delivery, before each of which a worker may be struck. */
export const deliverySteps = ['commit', 'committed', 'apply', 'applied'] as const;
export type DeliveryStep = (typeof deliverySteps)[number];

/** What the parent tells a running worker: strike yourself at the next such step. */
export interface StrikeOrder {
  readonly step: DeliveryStep;
  readonly signal: 'SIGKILL' | 'SIGSTOP';
  readonly askedMs: number;
}

/** Whoever asked strikes by himself after so long. */
export const maxUntilStepMs = 1_000;

/** Short, for a worker that is stopped longer has lost its tasks. */
export const sessionTimeoutMs = 6_000;
export const application = 'torture';
