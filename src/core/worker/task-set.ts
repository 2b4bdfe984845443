import type { Log, TopicPartition } from '../log/port.ts';
import type { Scheduler } from '../runtime/runtime.ts';
import type { TaskPort } from '../task/task-port.ts';
import type { AssignableTask } from './assignor.ts';
import { restoreTask } from './task-restore.ts';

export interface TaskSetOptions {
  readonly log: Log;
  readonly group: string;
  readonly scheduler: Scheduler;
  readonly all: readonly AssignableTask[];
  readonly create: (task: AssignableTask) => TaskPort;
  readonly onStarted: () => void;
  readonly onFailed: (error: unknown) => void;
  readonly onRestored: (records: number) => void;
}

/** The tasks a worker has: those that run, and those on their way. */
export class TaskSet {
  private readonly tasks = new Map<string, TaskPort>();
  private readonly cancelled = new Set<TaskPort>();
  /** Restores go one after the other: each may fill memory with batches. */
  private restores: Promise<void> = Promise.resolve();
  private pending = 0;

  constructor(private readonly options: TaskSetOptions) {}

  get running(): readonly TaskPort[] {
    return [...this.tasks.values()].filter(({ state }) => state === 'running');
  }

  get all(): readonly TaskPort[] {
    return [...this.tasks.values()];
  }

  get isRestoring(): boolean {
    return this.pending > 0;
  }

  /** Makes the set what the assignment says: adds what is missing. */
  assign(partitions: readonly TopicPartition[]): void {
    for (const task of this.ownedBy(partitions)) {
      if (!this.tasks.has(task.id)) this.add(task);
    }
  }

  /** The tasks that go when these partitions are taken away. */
  touchedBy(partitions: readonly TopicPartition[]): readonly TaskPort[] {
    const gone = new Set(partitions.map(nameOf));
    return this.all.filter(({ inputs }) => inputs.some((input) => gone.has(nameOf(input))));
  }

  /** Closes and forgets tasks; a restore on its way ends first. */
  async close(tasks: readonly TaskPort[], clean: boolean): Promise<void> {
    for (const task of tasks) {
      this.cancelled.add(task);
      this.tasks.delete(task.id);
    }
    if (tasks.some(({ state }) => state !== 'running')) await this.restores;
    for (const task of tasks) {
      await task.close({ clean: clean && task.state === 'running' });
      this.cancelled.delete(task);
    }
  }

  private add(assigned: AssignableTask): void {
    const task = this.options.create(assigned);
    this.tasks.set(task.id, task);
    this.pending += 1;
    this.restores = this.restores.then(() => this.restore(task));
  }

  private async restore(task: TaskPort): Promise<void> {
    const { log, group, scheduler, onRestored, onStarted, onFailed } = this.options;
    try {
      if (this.cancelled.has(task)) return;
      await task.open();
      await restoreTask(task, {
        log,
        group,
        onRestored,
        yieldNow: () => scheduler.yieldNow(),
        isCancelled: () => this.cancelled.has(task),
      });
    } catch (error) {
      if (!this.cancelled.has(task)) onFailed(error);
    } finally {
      this.pending -= 1;
      onStarted();
    }
  }

  private ownedBy(partitions: readonly TopicPartition[]): readonly AssignableTask[] {
    const owned = new Set(partitions.map(nameOf));
    return this.options.all.filter(({ inputs }) => {
      return inputs.length > 0 && inputs.every((input) => owned.has(nameOf(input)));
    });
  }
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${partition}:${topic}`;
}
