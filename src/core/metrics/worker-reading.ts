import type { Histogram } from '../model/histogram.ts';
import type { ProcessFigures } from '../runtime/process-watch.ts';

/** A worker at one moment, as the metrics see it. */
export interface WorkerReading {
  readonly worker: string;
  /** Of the worker: starting, running, closing. */
  readonly state: string;
  /** How many tasks the application has, on all its workers. */
  readonly applicationTasks: number;
  readonly wallClockTimeMs: number;
  readonly tasks: readonly TaskReading[];
  readonly copies: readonly { readonly kind: string }[];
  /** Of tasks that are here, and that were: no counter goes back. */
  readonly counts: readonly TaskCounts[];
  readonly dropped: readonly NodeCount[];
  readonly deadLetters: readonly NodeCount[];
  readonly counted: readonly NodeCount[];
  readonly latencies: readonly LatencyReading[];
  readonly commitSeconds: Histogram;
  readonly restoredRecords: number;
  readonly rebalances: number;
  readonly recoveries: number;
  readonly sinks: readonly SinkReading[];
  readonly process: ProcessFigures;
}

export interface TaskReading {
  readonly id: string;
  /** Of the task; `cut-off` where it runs while the group does not answer. */
  readonly state: string;
  /** -1: before the first record. */
  readonly streamTimeMs: number;
  /** Null: not known yet. */
  readonly recordsToRestore: number | null;
  readonly bufferedRecords: number;
  readonly uncommittedBytes: number;
  /** Null: it is not on disk. */
  readonly stateBytes: number | null;
  readonly lags: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly records: number;
  }[];
}

export interface TaskCounts {
  readonly task: string;
  readonly recordsIn: number;
  readonly recordsOut: number;
  readonly forced: number;
}

export interface NodeCount {
  readonly node: string;
  /** A reason, a code or the name of a counter. */
  readonly what: string;
  readonly count: number;
}

/** Over the tasks of one sub-topology. */
export interface LatencyReading {
  readonly subTopology: string;
  readonly process: Histogram;
  readonly endToEnd: Histogram;
}

/** A sink, over all partitions of its outbox that this worker delivers or has delivered. */
export interface SinkReading {
  readonly sink: string;
  readonly rows: number;
  readonly batches: number;
  readonly duplicates: number;
  readonly retries: number;
  readonly refused: number;
  /** Null: no row waits. */
  readonly oldestWaitingMs: number | null;
  /** Partitions whose batch is on its way. */
  readonly applying: number;
}
