import type { NodeCount, TaskReading, WorkerReading } from '../metrics/worker-reading.ts';
import { Histogram } from '../model/histogram.ts';
import type { TaskPort } from '../task/task-port.ts';
import type { RestoreProgress } from './task-set.ts';
import type { CopyStatus } from './worker.ts';
import type { CommittedCounts } from './worker-counters.ts';
import type { WorkerState } from './worker-states.ts';

/** What the tasks of a worker, and all that they share, have come to. */
export interface MeasuredWork {
  readonly tasks: readonly TaskPort[];
  /** Whether the group surely counts the worker in: else its tasks may be another's. */
  readonly isLeased: boolean;
  readonly progressOf: (task: string) => RestoreProgress | null;
  readonly committed: CommittedCounts;
  readonly commitSeconds: Histogram;
  readonly restoredRecords: number;
  readonly recoveries: number;
}

/** The same with what is known of the worker itself. */
export interface MeasuredWorker extends MeasuredWork {
  readonly worker: string;
  readonly state: WorkerState;
  readonly applicationTasks: number;
  readonly copies: readonly CopyStatus[];
  readonly rebalances: number;
}

type WorkReading = Omit<WorkerReading, 'wallClockTimeMs' | 'process' | 'latencies'>;

/** Of a worker that is still looking at what there is in the log. */
export const emptyReading: WorkReading = Object.freeze({
  worker: '',
  state: 'starting',
  applicationTasks: 0,
  tasks: [],
  copies: [],
  counts: [],
  dropped: [],
  deadLetters: [],
  counted: [],
  commitSeconds: new Histogram([]),
  restoredRecords: 0,
  rebalances: 0,
  recoveries: 0,
  sinks: [],
});

export function readingOf(
  measured: MeasuredWorker,
  stateBytesOf: (task: string) => number | null,
): WorkReading {
  const { worker, state, applicationTasks, copies, rebalances, recoveries } = measured;
  const { commitSeconds, restoredRecords, committed, tasks } = measured;
  const { byTask, sum, sinks } = committed;
  return {
    worker,
    state,
    applicationTasks,
    copies,
    rebalances,
    recoveries,
    commitSeconds,
    restoredRecords,
    tasks: tasks.map((task) => taskReading(task, measured, stateBytesOf)),
    counts: [...byTask].map(([task, { recordsIn, recordsOut, forced }]) => {
      return { task, recordsIn, recordsOut, forced };
    }),
    dropped: nodeCounts(sum.dropped),
    deadLetters: nodeCounts(sum.deadLetters),
    counted: nodeCounts(sum.counted),
    sinks,
  };
}

function taskReading(
  task: TaskPort,
  { isLeased, progressOf }: Pick<MeasuredWork, 'isLeased' | 'progressOf'>,
  stateBytesOf: (task: string) => number | null,
): TaskReading {
  const { id, state, bufferedRecords, dirtyBytes, lags } = task;
  return {
    id,
    state: state === 'running' && !isLeased ? 'cut-off' : state,
    streamTimeMs: state === 'running' ? task.streamTimeMs : -1,
    recordsToRestore: state === 'running' ? 0 : (progressOf(id)?.remaining ?? null),
    bufferedRecords,
    uncommittedBytes: dirtyBytes,
    stateBytes: stateBytesOf(id),
    lags,
  };
}

function nodeCounts(counts: ReadonlyMap<string, number>): readonly NodeCount[] {
  return [...counts].map(([name, count]) => {
    const [node = '', what = ''] = name.split('\0');
    return { node, what, count };
  });
}
