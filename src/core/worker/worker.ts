import type { ErrorCode } from '../model/error-codes.ts';
import type { DeliveryStatus } from '../sink/delivery-status.ts';
import type { TaskState } from '../task/task-states.ts';
import type { WorkerState } from './worker-states.ts';

/** A running application: one member of its group, with the tasks assigned to it. */
export interface Worker extends AsyncDisposable {
  readonly state: WorkerState;
  /** Names this worker to the group and to the log's transactions. */
  readonly instanceId: string;
  /** Where it answers `/metrics`, `/healthz`, `/readyz` and `/status`; null without `http`. */
  readonly httpUrl: string | null;
  /** Resolves when the worker is closed; rejects with what it failed of. */
  readonly finished: Promise<void>;
  /** Counters and positions as they stand. */
  status(): WorkerStatus;
  /**
   * Resolves once the tasks of this worker have processed and committed all that their topics
   * held. Records that arrive later count again; rejects if the worker fails.
   */
  caughtUp(): Promise<void>;
  /** Stops taking records, commits, closes the stores and leaves the group. */
  close(): Promise<void>;
}

export interface WorkerStatus {
  readonly state: WorkerState;
  readonly recordsIn: number;
  readonly recordsOut: number;
  readonly commits: number;
  /** Records taken after `maxTaskIdle`, although another input might still have had older ones. */
  readonly forced: number;
  /** Inputs of a starting task whose committed offset in the group was not the task's own. */
  readonly progressDifferences: number;
  /** How often the tasks went back to their last commit after a log or store error. */
  readonly recoveries: number;
  readonly lastRecovery: ErrorCode | null;
  readonly restoredRecords: number;
  /** By reason, over all nodes. */
  readonly dropped: Readonly<Record<string, number>>;
  /** The same by `<node> <reason>`. */
  readonly droppedByNode: Readonly<Record<string, number>>;
  /** What is worth a number but no drop, by `<node> <counter>`. */
  readonly counted: Readonly<Record<string, number>>;
  readonly tasks: readonly TaskStatus[];
  /** Copies of the state of other workers' tasks that are kept up to date here. */
  readonly copies: readonly CopyStatus[];
}

export interface TaskStatus {
  readonly id: string;
  readonly state: TaskState;
  /** -1 before the first record. */
  readonly streamTimeMs: number;
  /** Records read from its changelogs when it was opened. */
  readonly restoredRecords: number;
  /** At most so many are still to be read before it runs; null: not known yet. */
  readonly recordsToRestore: number | null;
  /** How far its rows are; null: it delivers none. */
  readonly delivery: DeliveryStatus | null;
}

export interface CopyStatus {
  readonly task: string;
  /** `'standby'`: in case its owner dies; `'warm-up'`: the task is to move here. */
  readonly kind: 'standby' | 'warm-up';
  /** Whether the task could go on here at once, or nearly. */
  readonly isReady: boolean;
  readonly restoredRecords: number;
}
