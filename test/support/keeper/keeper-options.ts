import type { DeathAt } from '../../torture/mortal-ports.ts';

/** What the parent tells a keeper, as JSON in its first argument. */
export interface KeeperOptions {
  readonly brokers: readonly string[];
  readonly application: string;
  readonly input: string;
  /** Is given each value again, once it is kept. */
  readonly output: string;
  readonly instanceId: string;
  readonly stateDir: string;
  /** In milliseconds. */
  readonly sessionTimeout: number;
  readonly standbyReplicas: number;
  readonly deathAt: DeathAt | null;
  /** Null: as the worker has it. */
  readonly transactionTimeoutMs: number | null;
}

/** How far a keeper is. It tells its parent whenever that changes. */
export interface KeeperReport {
  readonly commits: number;
  readonly recordsIn: number;
  readonly restoredRecords: number;
  readonly runningTasks: number;
  /** Of other workers' states. */
  readonly readyCopies: number;
}

/** The keeper's store. */
export const keeperStore = 'last';
