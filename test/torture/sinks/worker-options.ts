import type { DatabaseKind } from '../../sinks/support/tested-database.ts';
import type { SinkBreakage } from './broken-sinks.ts';

/** What the parent tells a worker process at its start. */
export interface SinkWorkerOptions {
  readonly brokers: readonly string[];
  readonly kind: DatabaseKind;
  /** Of the proxy before the database. */
  readonly databasePort: number;
  readonly breakage: SinkBreakage | null;
}

export const application = 'torture';
