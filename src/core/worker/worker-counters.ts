import { emptyCounters, type TaskCounters } from '../task/task-counters.ts';
import type { TaskPort } from '../task/task-port.ts';
import type { Recoveries } from './recoveries.ts';
import type { RestoreProgress } from './task-set.ts';
import type { WorkerStatus } from './worker.ts';
import type { WorkerState } from './worker-states.ts';

interface StatusParts {
  readonly state: WorkerState;
  readonly tasks: readonly TaskPort[];
  readonly beside: readonly TaskCounters[];
  readonly progressOf: (task: string) => RestoreProgress | null;
  readonly commits: number;
  readonly recoveries: Pick<Recoveries, 'count' | 'lastCode'>;
}

/** What a worker counts over the lives of its tasks. */
export class WorkerCounters {
  restoredRecords = 0;
  private readonly past: TaskCounters[] = [];

  /** Keeps the counters of a task that is closed. Its last commit is what counted. */
  retire({ committedCounters }: TaskPort): void {
    this.past.push(committedCounters);
    if (this.past.length < maxRetired) return;
    const sum = emptyCounters();
    for (const own of this.past.splice(0)) addTo(sum, own);
    this.past.push(sum);
  }

  status({ state, tasks, beside, progressOf, commits, recoveries }: StatusParts): WorkerStatus {
    const sum = emptyCounters();
    const present = tasks.map(({ counters }) => counters);
    for (const own of [...this.past, ...present, ...beside]) addTo(sum, own);
    const { recordsIn, recordsOut, forced, progressDifferences } = sum;
    return {
      state,
      recordsIn,
      recordsOut,
      commits,
      forced,
      progressDifferences,
      recoveries: recoveries.count,
      lastRecovery: recoveries.lastCode,
      restoredRecords: this.restoredRecords,
      dropped: byReason(sum.dropped),
      droppedByNode: byNode(sum.dropped),
      counted: byNode(sum.counted),
      tasks: tasks.map((task) => ({
        id: task.id,
        state: task.state,
        streamTimeMs: task.state === 'running' ? task.streamTimeMs : -1,
        restoredRecords: progressOf(task.id)?.restored ?? 0,
        recordsToRestore: progressOf(task.id)?.remaining ?? null,
        delivery: task.delivery,
      })),
      copies: [],
    };
  }
}

const maxRetired = 100;

function addTo(sum: TaskCounters, own: TaskCounters): void {
  sum.recordsIn += own.recordsIn;
  sum.recordsOut += own.recordsOut;
  sum.commits += own.commits;
  sum.forced += own.forced;
  sum.progressDifferences += own.progressDifferences;
  for (const [name, count] of own.dropped) add(sum.dropped, name, count);
  for (const [name, count] of own.counted) add(sum.counted, name, count);
}

function byReason(dropped: ReadonlyMap<string, number>): Record<string, number> {
  const reasons = new Map<string, number>();
  for (const [name, count] of dropped) add(reasons, name.slice(name.indexOf('\0') + 1), count);
  return Object.fromEntries(reasons);
}

function byNode(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].map(([name, count]) => [name.replace('\0', ' '), count]));
}

function add(counts: Map<string, number>, name: string, count: number): void {
  counts.set(name, (counts.get(name) ?? 0) + count);
}
