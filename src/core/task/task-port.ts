import type { ErrorPolicy, ErrorStage, DropReason } from '../model/drop-reason.ts';
import type { MillraceError } from '../model/errors.ts';
import type { MaybePromise } from '../model/maybe-promise.ts';
import type { StreamRecord } from '../model/record.ts';
import type {
  FetchedPartition,
  OffsetToCommit,
  PartitionBatch,
  PartitionEnds,
  ProduceReceipt,
  TopicPartition,
} from '../log/port.ts';
import type { GlobalNode, SubTopology, TableLookup, Topology } from '../topology/plan.ts';
import type { Clock, Scheduler } from '../runtime/runtime.ts';
import type { TaskInspection } from './inspection.ts';
import type { Latencies } from './latency.ts';
import type { DeliveryStatus } from '../sink/delivery-status.ts';
import type { StateBackend } from './state-port.ts';
import type { TaskCounters } from './task-counters.ts';
import type { TaskState } from './task-states.ts';

/** What happens around a task that users can watch. */
export interface TaskHooks {
  onDropped(reason: DropReason, record: StreamRecord<unknown, unknown>, place: DropPlace): void;
  /** Whether `onError` may answer anything but null: then each record can be undone. */
  readonly handlesErrors: boolean;
  /** Null: the stage's own policy holds. A throw means 'fail'. */
  onError(error: MillraceError, stage: ErrorStage): ErrorPolicy | null;
}

export interface DropPlace {
  readonly node: string;
  readonly task: string;
  readonly topic: string | null;
  readonly partition: number;
  readonly offset: number | null;
}

export interface TaskOptions {
  readonly topology: Topology;
  readonly subTopology: SubTopology;
  readonly partition: number;
  readonly backend: StateBackend;
  readonly clock: Clock;
  /** For time-outs and retries of calls. */
  readonly scheduler: Scheduler;
  /** A call, or what a serde has waited for, may have brought work for `run`. */
  readonly onReady: () => void;
  readonly hooks: TaskHooks;
  /** Partition count of a topic, for partitioners; throws `TOPIC_MISSING`. */
  readonly partitionsOf: (topic: string) => number;
  readonly maxTaskIdleMs: number;
  readonly defaultMaxFutureMs: number | 'off';
  /** The largest batch that a topic takes. */
  readonly maxMessageBytesOf: (topic: string) => number;
  /** Under which the worker commits; none without transactions. */
  readonly transactionalId?: string | null;
  readonly maxCacheBytes: number;
  readonly maxBufferedRecords: number;
  readonly inspection?: TaskInspection;
  /** Where it is noted how long records take; absent: it is not measured. */
  readonly latencies?: Latencies | null;
  /** How rows of global tables are found; the worker keeps them. */
  readonly globalLookup?: (table: GlobalNode) => TableLookup;
}

/** What the log knows of a task when it is assigned. */
export interface KnownProgress {
  /** The last committed progress row; null if there is none. It is the truth. */
  readonly progressRow: Uint8Array | null;
  /** The group's offsets, a copy of the row's, in the order of `inputs`; null: there is none. */
  readonly committedOffsets: readonly (number | null)[];
  /** In the order of `inputs`: where a topic that was never read begins. */
  readonly inputEnds: readonly PartitionEnds[];
  /** In the order of `changelogs`. */
  readonly changelogEnds: readonly PartitionEnds[];
}

/** A changelog to be read before the task can run. */
export interface RestoreSource extends TopicPartition {
  /** Read from here. */
  readonly fromOffset: number;
  /** Done when the position has reached this: the log end, taken after fencing. */
  readonly toOffset: number;
}

/** How far a task is behind the end of an input. */
export interface InputLag extends TopicPartition {
  /** Offsets not taken yet, markers and holes included, as of the last fetch. */
  readonly records: number;
}

/** What a slice of work came to. */
export type SliceResult = 'worked' | 'idle' | 'commit-requested';

/**
 * A sub-topology and a partition number: the unit of order, state and commit. It does no log
 * input or output itself: batches are handed in, a commit is handed out. Everything that answers
 * `MaybePromise` does so at once on a memory backend.
 *
 * Life: `open`, then `restoreFrom` / `restore` until all is read, `start`, then `enqueue` and
 * `run`; `prepareCommit`, produce, `progressBatch`, produce, then `committed` or `close`. It may
 * `run` on in the middle of a commit: what it does then is for the next, which begins after
 * `committed`.
 */
export interface TaskPort {
  readonly id: string;
  readonly state: TaskState;
  readonly subTopology: SubTopology;
  readonly partition: number;
  /** Topic-partitions it reads. */
  readonly inputs: readonly TopicPartition[];

  /** Opens the local state. */
  open(): MaybePromise<void>;
  /** The task's partition of its progress topic; its last committed row goes to `restoreFrom`. */
  readonly progressPartition: TopicPartition;
  /** The task's partitions of its changelogs; their ends go to `restoreFrom`. */
  readonly changelogs: readonly TopicPartition[];
  /** Takes what the log knows of the task and answers which changelogs to read from where. */
  restoreFrom(known: KnownProgress): MaybePromise<readonly RestoreSource[]>;
  /** Applies what was fetched of a changelog. */
  restore(fetched: FetchedPartition): MaybePromise<void>;
  /** All changelogs were read to their end: builds the processors. */
  start(): MaybePromise<void>;

  /** Next offset to fetch for an input, or null while its queue is full. */
  fetchPosition(input: TopicPartition): number | null;
  enqueue(fetched: FetchedPartition): void;
  /** Records handed in and not taken yet. */
  readonly bufferedRecords: number;
  /** Of the inputs that were fetched since it runs. */
  readonly lags: readonly InputLag[];
  /** Works for at most `maxRecords` or `maxMs`. Throws what must stop the worker. */
  run(maxRecords: number, maxMs: number): MaybePromise<SliceResult>;
  /** Event time of its first time domain, -1 before the first record; orders tasks. */
  readonly streamTimeMs: number;

  /** Uncommitted state and output since the last `prepareCommit`, about. */
  readonly dirtyBytes: number;
  /** Anything since then to commit: records taken, timers run, state changed. */
  readonly isDirty: boolean;
  /**
   * Takes no new records until the next `prepareCommit`, so that calls come to their end. True:
   * none is in flight, and that will answer at once.
   */
  comeToRest(): boolean;
  /**
   * Closes the interval and serialises it; the batches are outputs and changelogs. Null: nothing to
   * commit. Before, it works on the results of all calls, as they come.
   */
  prepareCommit(): MaybePromise<TaskCommit | null>;
  /** After the produce of the first batches: the interval's row, which names their offsets. */
  progressBatch(receipts: readonly ProduceReceipt[]): PartitionBatch;
  /** The log said yes: writes the local state. */
  committed(): MaybePromise<void>;

  /** Drops everything uncommitted; the task then needs `close` and a new one in its place. */
  close(options: { readonly clean: boolean }): MaybePromise<void>;

  /** How far its rows are; null: it delivers none. */
  readonly delivery: DeliveryStatus | null;
  /** Plain counters, read when asked for. */
  readonly counters: TaskCounters;
  /** The same as of the last commit: what came later is done again if the task is lost. */
  readonly committedCounters: TaskCounters;
}

export interface TaskCommit {
  readonly batches: readonly PartitionBatch[];
  readonly offsets: readonly OffsetToCommit[];
}
