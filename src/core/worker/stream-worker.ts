import type { GroupListener, Membership, TopicPartition, Writer } from '../log/port.ts';
import { LogError, type MillraceError, StoreError } from '../model/errors.ts';
import type { InstanceSlot } from '../runtime/instance-slot.ts';
import type { TaskPort } from '../task/task-port.ts';
import type { Topology } from '../topology/plan.ts';
import { type AssignableTask, assignTasks } from './assignor.ts';
import { commitTasks } from './commit.ts';
import { Fetcher } from './fetcher.ts';
import type { WorkerSettings } from './run-options.ts';
import { Signal } from './signal.ts';
import { TaskSet } from './task-set.ts';
import { TurnQueue } from './turn-queue.ts';
import { encodeUserData } from './user-data.ts';
import type { Worker, WorkerStatus } from './worker.ts';
import { WorkerCounters } from './worker-counters.ts';
import { transition, type WorkerState } from './worker-states.ts';

/** A task works for so long, then the event loop has its turn. */
const maxSliceRecords = 1000;
const maxSliceMs = 5;
/** Below the session time-out, so that a dead worker's transaction ends before its tasks move. */
const transactionTimeoutMs = 30_000;
/** Without work the loop looks around this often: wall-clock timers, tasks that waited enough. */
const maxIdleMs = 100;
/** Recoveries in a row without a commit in between, before the worker gives up. */
const maxRecoveries = 10;
const maxRecoveryDelayMs = 5_000;

export interface StreamWorkerParts {
  readonly topology: Topology;
  readonly settings: WorkerSettings;
  readonly slot: InstanceSlot;
  readonly stateHash: string;
  readonly tasks: readonly AssignableTask[];
  readonly createTask: (task: AssignableTask) => TaskPort;
  readonly tasksOnDisk: () => readonly string[];
  readonly beforeRecovery: () => Promise<void>;
}

/** One loop over all tasks of a worker: turns from outside, slices of work, commits. */
export class StreamWorker implements Worker {
  readonly finished: Promise<void>;
  readonly instanceId: string;
  private current: WorkerState = 'starting';
  private readonly counters = new WorkerCounters();
  private readonly signal: Signal;
  private readonly turns: TurnQueue;
  private readonly tasks: TaskSet;
  private readonly fetcher: Fetcher;
  private membership: Membership | null = null;
  private assigned: readonly TopicPartition[] = [];
  private writer: Writer | null = null;
  private lastCommitMs = 0;
  private recoveriesInARow = 0;
  private hurried = 0;
  private failure: { readonly error: unknown } | null = null;
  private loop: Promise<void> = Promise.resolve();
  private finish: () => void = () => undefined;
  private fail: (error: unknown) => void = () => undefined;

  constructor(private readonly parts: StreamWorkerParts) {
    const { settings, topology, slot } = parts;
    const { log, runtime } = settings;
    const { scheduler } = runtime;
    this.instanceId = slot.instanceId;
    this.finished = new Promise((resolve, reject) => {
      this.finish = resolve;
      this.fail = reject;
    });
    // Whoever is interested awaits it; a failure nobody awaits must not end the process.
    this.finished.catch(() => undefined);
    this.signal = new Signal(scheduler);
    this.turns = new TurnQueue(() => this.signal.notify());
    const onFailed = (error: unknown) => this.stopFor(error);
    this.tasks = new TaskSet({
      log,
      group: topology.application,
      scheduler,
      all: parts.tasks,
      create: parts.createTask,
      onStarted: () => {
        this.fetcher.wakeUp();
        this.signal.notify();
      },
      onFailed,
      onRestored: (records) => {
        this.counters.restoredRecords += records;
      },
    });
    this.fetcher = new Fetcher({
      log,
      scheduler,
      tasks: () => this.tasks.running,
      commitCount: () => this.counters.commits,
      isHurried: () => this.hurried > 0,
      onFetched: () => this.signal.notify(),
      onFailed,
    });
  }

  get state(): WorkerState {
    return this.current;
  }

  /** Joins the group and begins to work. */
  async start(): Promise<void> {
    const { settings, topology, tasks } = this.parts;
    const { sessionTimeoutMs, heartbeatIntervalMs } = settings;
    this.writer = await this.openWriter();
    this.current = transition(this.current, 'running');
    this.loop = this.run();
    this.fetcher.start();
    this.membership = await settings.log.joinGroup({
      group: topology.application,
      instanceId: this.instanceId,
      sessionTimeoutMs,
      heartbeatIntervalMs,
      assignor: (members) => assignTasks(tasks, members),
      listener: this.listener(),
    });
  }

  status(): WorkerStatus {
    return this.counters.status(this.current, this.tasks.all);
  }

  async caughtUp(): Promise<void> {
    this.hurried += 1;
    this.fetcher.lookAgain();
    try {
      while (!this.isCaughtUp) {
        if (this.current !== 'running') {
          await this.finished;
          return;
        }
        await this.parts.settings.runtime.scheduler.yieldNow();
      }
    } finally {
      this.hurried -= 1;
    }
  }

  async close(): Promise<void> {
    if (this.current === 'running') {
      this.current = transition(this.current, 'closing');
      this.signal.notify();
    }
    await this.loop;
    if (this.failure !== null) throw this.failure.error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private async run(): Promise<void> {
    try {
      while (this.current === 'running' && this.failure === null) await this.turn();
      if (this.failure === null) await this.tryToCommit();
    } catch (error) {
      this.stopFor(error);
    }
    await this.shutDown();
  }

  /** One round: what came from outside, a slice of each task, a commit if it is due. */
  private async turn(): Promise<void> {
    await this.turns.run();
    let hasWorked = false;
    try {
      hasWorked = await this.work();
      if (this.isCommitDue(hasWorked)) await this.commit();
    } catch (error) {
      await this.recover(error);
    }
    if (hasWorked) await this.parts.settings.runtime.scheduler.yieldNow();
    else await this.signal.wait(this.idleMs());
  }

  /** A slice of each task, the one with the least stream time first. */
  private async work(): Promise<boolean> {
    let hasWorked = false;
    const running = [...this.tasks.running].sort((a, b) => a.streamTimeMs - b.streamTimeMs);
    for (const task of running) {
      const result = await task.run(maxSliceRecords, maxSliceMs);
      if (result === 'idle') continue;
      hasWorked = true;
      this.fetcher.wakeUp();
      if (result === 'commit-requested') this.lastCommitMs = -Infinity;
    }
    return hasWorked;
  }

  private isCommitDue(hasWorked: boolean): boolean {
    const { runtime, commitIntervalMs, maxDirtyBytes } = this.parts.settings;
    if (this.hurried > 0 && !hasWorked) return true;
    if (runtime.clock.monotonicTimeMs() - this.lastCommitMs >= commitIntervalMs) return true;
    return this.tasks.running.reduce((sum, task) => sum + task.dirtyBytes, 0) > maxDirtyBytes;
  }

  private async commit(): Promise<void> {
    const { membership, writer } = this;
    if (membership === null || writer === null) return;
    this.lastCommitMs = this.parts.settings.runtime.clock.monotonicTimeMs();
    if (!(await commitTasks(this.tasks.running, writer, membership.metadata))) return;
    this.counters.commits += 1;
    this.recoveriesInARow = 0;
  }

  /** Before a task goes or the worker closes: a failure then leaves it to the next owner. */
  private async tryToCommit(): Promise<void> {
    try {
      await this.commit();
    } catch (error) {
      await this.recover(error);
    }
  }

  /** All tasks back to their last commit, with a new producer, where that can help. */
  private async recover(error: unknown): Promise<void> {
    this.recoveriesInARow += 1;
    if (!isRecoverable(error) || this.recoveriesInARow > maxRecoveries) throw error;
    this.counters.recoveries += 1;
    this.counters.lastRecovery = error.code;
    const { settings } = this.parts;
    settings.logger.warn(`Going back to the last commit: ${error.message}`, { code: error.code });
    await this.closeTasks(this.tasks.all, false);
    await this.writer?.close();
    const delayMs = Math.min(maxRecoveryDelayMs, 10 * 2 ** this.recoveriesInARow);
    if (this.recoveriesInARow > 1) await settings.runtime.scheduler.sleep(delayMs);
    await this.parts.beforeRecovery();
    this.writer = await this.openWriter();
    this.tasks.assign(this.assigned);
  }

  private openWriter(): Promise<Writer> {
    const { settings, topology } = this.parts;
    const { isExactlyOnce, log } = settings;
    const transactionalId = isExactlyOnce ? `${topology.application}-${this.instanceId}` : null;
    return log.openWriter({ transactionalId, transactionTimeoutMs });
  }

  private async closeTasks(tasks: readonly TaskPort[], clean: boolean): Promise<void> {
    await this.tasks.close(tasks, clean);
    for (const task of tasks) this.counters.retire(task);
  }

  private listener(): GroupListener {
    const { parts, turns } = this;
    const { stateHash } = parts;
    return {
      userData: () => encodeUserData({ tasksOnDisk: parts.tasksOnDisk(), stateHash }),
      onAssigned: ({ partitions }) =>
        turns.add(async () => {
          this.assigned = partitions;
          this.tasks.assign(partitions);
          await Promise.resolve();
        }),
      onRevoked: (partitions) =>
        turns.add(async () => {
          const gone = new Set(partitions.map(({ topic, partition }) => `${partition}:${topic}`));
          await this.tryToCommit();
          this.assigned = this.assigned.filter(
            ({ topic, partition }) => !gone.has(`${partition}:${topic}`),
          );
          await this.closeTasks(this.tasks.touchedBy(partitions), true);
        }),
      onLost: () =>
        turns.add(async () => {
          this.assigned = [];
          await this.closeTasks(this.tasks.all, false);
        }),
      onFailed: (error) => this.stopFor(error),
    };
  }

  private get isCaughtUp(): boolean {
    const { running } = this.tasks;
    const isStarted = this.membership !== null && !this.tasks.isRestoring && this.turns.isEmpty;
    const isCommitted = running.every(
      ({ isDirty, bufferedRecords }) => !isDirty && bufferedRecords === 0,
    );
    const hasNothingToRead = running.length === 0 || this.fetcher.hasSeenTheEnd;
    return isStarted && isCommitted && hasNothingToRead;
  }

  private idleMs(): number {
    const { runtime, commitIntervalMs } = this.parts.settings;
    const sinceMs = runtime.clock.monotonicTimeMs() - this.lastCommitMs;
    return Math.max(1, Math.min(maxIdleMs, commitIntervalMs - sinceMs));
  }

  private stopFor(error: unknown): void {
    this.failure ??= { error };
    this.signal.notify();
  }

  private async shutDown(): Promise<void> {
    const { failure } = this;
    const { logger } = this.parts.settings;
    try {
      await this.fetcher.stop();
      await this.closeTasks(this.tasks.all, failure === null);
      if (failure !== null) await this.writer?.abort().catch(() => undefined);
      await this.membership?.leave();
      await this.turns.run();
      await this.writer?.close();
    } catch (error) {
      logger.warn('Closing did not go clean.', { error });
    }
    this.parts.slot.release();
    if (this.current === 'running') this.current = transition(this.current, 'closing');
    this.current = transition(this.current, failure === null ? 'closed' : 'failed');
    if (failure === null) return this.finish();
    logger.error('The worker stops.', { error: failure.error });
    this.fail(failure.error);
  }
}

/** Log and store errors that a fresh start from the last commit can mend. */
function isRecoverable(error: unknown): error is MillraceError {
  if (error instanceof LogError) {
    return error.errorClass !== 'fatal' && error.code !== 'PRODUCER_FENCED';
  }
  return error instanceof StoreError && error.code.startsWith('STORE_');
}
