import { partitionName } from '../log/partition-name.ts';
import type { Log, TopicPartition } from '../log/port.ts';
import type { MaybePromise } from '../model/maybe-promise.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { TaskPort } from '../task/task-port.ts';
import { type AssignableTask, tasksWithin } from './assignable-task.ts';
import { delayBefore, isRecoverable } from './recoveries.ts';
import { runAll } from './run-all.ts';
import { restoreTask } from './task-restore.ts';

/** A restore that fails so often is given up. */
const maxRestoreAttempts = 10;

export interface TaskSetOptions {
  readonly log: Log;
  readonly group: string;
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly all: readonly AssignableTask[];
  /** `share`: the part of what a worker has for all its tasks that is this one's, up to 1. */
  readonly create: (task: AssignableTask, share: number) => TaskPort;
  /** Makes way on the disk before the task is opened. */
  readonly beforeOpen: (task: TaskPort) => Promise<void>;
  /** Makes way in the log before what was committed is read. */
  readonly beforeRestore: (task: TaskPort) => Promise<void>;
  readonly onStarted: () => void;
  /** A restore failed for good. */
  readonly onFailed: (error: unknown) => void;
  readonly onRestored: (records: number) => void;
}

/** A task in the set: on its way, running, or on its way out. */
interface Place {
  readonly assigned: AssignableTask;
  readonly share: number;
  task: TaskPort;
  isRestoring: boolean;
  isLeaving: boolean;
  progress: RestoreProgress;
}

/** How far the restore of a task is. */
export interface RestoreProgress {
  /** Records read from its changelogs. */
  readonly restored: number;
  /** Offsets still to be read; null: not known yet. */
  readonly remaining: number | null;
}

const unknownProgress: RestoreProgress = { restored: 0, remaining: null };

/** The tasks a worker has: those that run, and those on their way. */
export class TaskSet {
  private readonly places = new Map<string, Place>();
  /** Restores go one after the other: each may fill memory with batches. */
  private restores: Promise<void> = Promise.resolve();

  constructor(private readonly options: TaskSetOptions) {}

  get running(): readonly TaskPort[] {
    return this.all.filter(({ state }) => state === 'running');
  }

  get all(): readonly TaskPort[] {
    return [...this.places.values()].map(({ task }) => task);
  }

  /** Whether everything runs that comes with these partitions. */
  areRunning(partitions: readonly TopicPartition[]): boolean {
    return this.ownedBy(partitions).every(
      ({ id }) => this.places.get(id)?.task.state === 'running',
    );
  }

  /** Adds the tasks that the assignment brings; those it takes away are closed by `close`. */
  assign(partitions: readonly TopicPartition[]): void {
    const owned = this.ownedBy(partitions);
    for (const task of owned) {
      if (!this.places.has(task.id)) this.add(task, 1 / owned.length);
    }
  }

  /** Of the restore that a task runs on, or waits for; null: it is not here. */
  progressOf(id: string): RestoreProgress | null {
    return this.places.get(id)?.progress ?? null;
  }

  /** The tasks that go when these partitions are taken away. */
  touchedBy(partitions: readonly TopicPartition[]): readonly TaskPort[] {
    const gone = new Set(partitions.map(partitionName));
    return this.all.filter(({ inputs }) => inputs.some((input) => gone.has(partitionName(input))));
  }

  /**
   * Closes and forgets tasks, all of them even if one fails to close: then it throws at the end.
   * One that is being restored is closed by its restore, at its next step, so that nothing has to
   * wait for it.
   */
  async close(tasks: readonly TaskPort[], clean: boolean): Promise<void> {
    await runAll(
      tasks.map(
        ({ id }) =>
          () =>
            this.closeOne(id, clean),
      ),
    );
  }

  /** Resolves once no restore is under way any more. */
  restored(): Promise<void> {
    return this.restores;
  }

  private closeOne(id: string, clean: boolean): MaybePromise<void> {
    const place = this.places.get(id);
    if (place === undefined) return undefined;
    place.isLeaving = true;
    this.places.delete(id);
    const { task } = place;
    if (place.isRestoring) return undefined;
    return task.close({ clean: clean && task.state === 'running' });
  }

  private add(assigned: AssignableTask, share: number): void {
    const task = this.options.create(assigned, share);
    const place: Place = {
      assigned,
      share,
      task,
      isRestoring: false,
      isLeaving: false,
      progress: unknownProgress,
    };
    this.places.set(task.id, place);
    this.restores = this.restores.then(() => this.restore(place));
  }

  private async restore(place: Place): Promise<void> {
    try {
      for (let attempt = 1; !place.isLeaving; attempt += 1) {
        if (await this.attempt(place, attempt)) break;
      }
    } catch (error) {
      if (!place.isLeaving) this.options.onFailed(error);
    } finally {
      this.options.onStarted();
    }
  }

  /** Whether the task runs now, or goes. Throws what another attempt cannot help against. */
  private async attempt(place: Place, attempt: number): Promise<boolean> {
    const { runtime, create, beforeOpen } = this.options;
    const delayMs = delayBefore(attempt);
    if (delayMs > 0) await runtime.scheduler.sleep(delayMs);
    if (place.isLeaving) return true;
    const { task } = place;
    place.isRestoring = true;
    try {
      await beforeOpen(task);
      await task.open();
      await this.restoreOpen(place);
      if (place.isLeaving) await task.close({ clean: false });
      return true;
    } catch (error) {
      await task.close({ clean: false });
      if (!isRecoverable(error) || attempt === maxRestoreAttempts) throw error;
      place.task = create(place.assigned, place.share);
      return false;
    } finally {
      place.isRestoring = false;
    }
  }

  private async restoreOpen(place: Place): Promise<void> {
    const { log, group, runtime, logger, onRestored, beforeRestore } = this.options;
    const { scheduler, clock } = runtime;
    const { id } = place.task;
    const startMs = clock.monotonicTimeMs();
    place.progress = unknownProgress;
    await beforeRestore(place.task);
    await restoreTask(place.task, {
      log,
      group,
      scheduler,
      isCancelled: () => place.isLeaving,
      onProgress: ({ records, remaining }) => {
        if (place.progress.remaining === null && remaining > 0) {
          const what = `Restoring task ${id}: at most ${remaining} records of its changelogs.`;
          logger.info(what, { task: id, remaining });
        }
        place.progress = { restored: place.progress.restored + records, remaining };
        onRestored(records);
      },
    });
    const { restored, remaining } = place.progress;
    if (place.isLeaving || remaining === null) return;
    const durationMs = Math.round(clock.monotonicTimeMs() - startMs);
    const what = `Task ${id} runs: ${restored} records restored in ${durationMs} ms.`;
    logger.info(what, { task: id, restored, durationMs });
  }

  private ownedBy(partitions: readonly TopicPartition[]): readonly AssignableTask[] {
    return tasksWithin(partitions, this.options.all);
  }
}
