import { BoundedNames } from '../metrics/bounded-names.ts';
import type { SinkReading } from '../metrics/worker-reading.ts';
import { emptyCounters, type TaskCounters } from '../task/task-counters.ts';
import type { TaskPort } from '../task/task-port.ts';
import type { Recoveries } from './recoveries.ts';
import { SinkCounters } from './sink-counters.ts';
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

/** What is committed of what a worker counts; nothing of it ever goes back. */
export interface CommittedCounts {
  readonly byTask: ReadonlyMap<string, TaskCounters>;
  readonly sum: TaskCounters;
  readonly sinks: readonly SinkReading[];
}

/** Reasons that authors give are theirs to make up. */
const authorPrefix = 'author:';
const maxAuthorReasons = 64;

/** What a worker counts over the lives of its tasks. */
export class WorkerCounters {
  restoredRecords = 0;
  /** By task: as many as the application has. */
  private readonly past = new Map<string, TaskCounters>();
  private readonly sinks = new SinkCounters();
  /** Tasks whose counters are in `past`: some are still here, on their way out. */
  private readonly retired = new WeakSet<TaskPort>();
  private readonly authorReasons = new BoundedNames(maxAuthorReasons, `${authorPrefix}others`);

  /** Keeps the counters of a task that is closed. Its last commit is what counted. */
  retire(task: TaskPort): void {
    if (this.retired.has(task)) return;
    this.retired.add(task);
    const sum = this.past.get(task.id) ?? emptyCounters();
    this.past.set(task.id, sum);
    addTo(sum, task.committedCounters);
    this.sinks.retire(task.delivery);
  }

  status({ state, tasks, beside, progressOf, commits, recoveries }: StatusParts): WorkerStatus {
    const sum = emptyCounters();
    const present = this.notRetired(tasks).map(({ counters }) => counters);
    for (const own of [...this.past.values(), ...present, ...beside]) addTo(sum, own);
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

  committed(tasks: readonly TaskPort[], beside: readonly TaskCounters[]): CommittedCounts {
    const present = this.notRetired(tasks);
    const byTask = new Map<string, TaskCounters>();
    const countsOf = (task: string) => {
      const counts = byTask.get(task) ?? emptyCounters();
      byTask.set(task, counts);
      return counts;
    };
    for (const [task, own] of this.past) addTo(countsOf(task), own);
    for (const { id, committedCounters } of present) addTo(countsOf(id), committedCounters);
    const sum = emptyCounters();
    for (const own of [...byTask.values(), ...beside]) addTo(sum, own);
    const dropped = this.bounded(sum.dropped);
    const deadLetters = this.bounded(sum.deadLetters);
    const sinks = this.sinks.with(present.map(({ delivery }) => delivery));
    return { byTask, sum: { ...sum, dropped, deadLetters }, sinks };
  }

  private notRetired(tasks: readonly TaskPort[]): readonly TaskPort[] {
    return tasks.filter((task) => !this.retired.has(task));
  }

  private bounded(counts: ReadonlyMap<string, number>): Map<string, number> {
    const bounded = new Map<string, number>();
    for (const [name, count] of counts) {
      const [node = '', reason = ''] = name.split('\0');
      const isAuthors = reason.startsWith(authorPrefix);
      add(bounded, `${node}\0${isAuthors ? this.authorReasons.of(reason) : reason}`, count);
    }
    return bounded;
  }
}

function addTo(sum: TaskCounters, own: TaskCounters): void {
  sum.recordsIn += own.recordsIn;
  sum.recordsOut += own.recordsOut;
  sum.commits += own.commits;
  sum.forced += own.forced;
  sum.progressDifferences += own.progressDifferences;
  for (const [name, count] of own.dropped) add(sum.dropped, name, count);
  for (const [name, count] of own.counted) add(sum.counted, name, count);
  for (const [name, count] of own.deadLetters) add(sum.deadLetters, name, count);
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
