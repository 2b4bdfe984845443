import type { Membership, TopicPartition } from '../log/port.ts';
import type { InstanceSlot } from '../runtime/instance-slot.ts';
import type { TaskPort } from '../task/task-port.ts';
import type { Topology } from '../topology/plan.ts';
import { type AssignableTask, assignTasks, isToBeContinued } from './assignor.ts';
import { Committer } from './committer.ts';
import { Fetcher } from './fetcher.ts';
import { type Rebalancing, rebalanceListener } from './rebalance-listener.ts';
import { Recoveries } from './recoveries.ts';
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
/** Without work the loop looks around this often: wall-clock timers, tasks that waited enough. */
const maxIdleMs = 100;
/** How often `caughtUp` looks. */
const caughtUpPollMs = 1;
const maxTransactionTimeoutMs = 30_000;

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
  private readonly recoveries = new Recoveries();
  private readonly signal: Signal;
  private readonly turns: TurnQueue;
  private readonly tasks: TaskSet;
  private readonly fetcher: Fetcher;
  private readonly committer: Committer;
  private membership: Membership | null = null;
  /** Null while the group has not said what it is. */
  private assigned: readonly TopicPartition[] | null = null;
  /** Whether the assignment asked for another rebalance. */
  private rejoins = false;
  private lastCommitMs = 0;
  private hurried = 0;
  private failure: { readonly error: unknown } | null = null;
  private loop: Promise<void> = Promise.resolve();
  private finish: () => void = () => undefined;
  private fail: (error: unknown) => void = () => undefined;

  constructor(private readonly parts: StreamWorkerParts) {
    this.instanceId = parts.slot.instanceId;
    this.finished = new Promise((resolve, reject) => {
      this.finish = resolve;
      this.fail = reject;
    });
    // Whoever is interested awaits it; a failure nobody awaits must not end the process.
    this.finished.catch(() => undefined);
    this.signal = new Signal(parts.settings.runtime.scheduler);
    this.turns = new TurnQueue(() => this.signal.notify());
    this.tasks = this.taskSet();
    this.fetcher = this.createFetcher();
    this.committer = this.createCommitter();
  }

  get state(): WorkerState {
    return this.current;
  }

  /** Joins the group and begins to work. */
  async start(): Promise<void> {
    this.current = transition(this.current, 'running');
    this.loop = this.run();
    try {
      await this.committer.open();
      this.fetcher.start();
      this.membership = await this.join();
      if (this.rejoins) this.membership.rejoin();
    } catch (error) {
      this.stopFor(error);
    }
    if (this.failure === null) return;
    await this.loop;
    await this.membership?.leave();
    throw this.failure.error;
  }

  status(): WorkerStatus {
    return this.counters.status({
      state: this.current,
      tasks: this.tasks.all,
      commits: this.committer.commits,
      recoveries: this.recoveries,
    });
  }

  async caughtUp(): Promise<void> {
    this.hurried += 1;
    this.fetcher.lookAgain();
    this.signal.notify();
    try {
      for (;;) {
        if (this.current !== 'running' || this.failure !== null) return await this.finished;
        if (this.isCaughtUp) return;
        await this.parts.settings.runtime.scheduler.sleep(caughtUpPollMs);
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
      if (this.failure === null) await this.commit();
      await this.shutDown(this.failure === null);
    } catch (error) {
      this.stopFor(error);
      await this.shutDown(false);
    }
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
    if (this.membership === null) return;
    this.lastCommitMs = this.parts.settings.runtime.clock.monotonicTimeMs();
    const { metadata } = this.membership;
    if (await this.committer.commit(this.tasks.running, metadata)) this.recoveries.hasCommitted();
  }

  /** All tasks back to their last commit, with a new producer, where that can help. */
  private async recover(error: unknown): Promise<void> {
    const { logger, runtime } = this.parts.settings;
    for (let cause = error; ;) {
      const { message, code } = this.recoveries.begin(cause);
      logger.warn(`Going back to the last commit: ${message}`, { code });
      try {
        await this.closeTasks(this.tasks.all, false);
        const { delayMs } = this.recoveries;
        if (delayMs > 0) await runtime.scheduler.sleep(delayMs);
        await this.parts.beforeRecovery();
        await this.committer.open();
        this.tasks.assign(this.assigned ?? []);
        return;
      } catch (next) {
        cause = next;
      }
    }
  }

  private async closeTasks(tasks: readonly TaskPort[], clean: boolean): Promise<void> {
    for (const task of tasks) this.counters.retire(task);
    await this.tasks.close(tasks, clean);
  }

  private join(): Promise<Membership> {
    const { settings, topology, tasks } = this.parts;
    const { sessionTimeoutMs, heartbeatIntervalMs } = settings;
    return settings.log.joinGroup({
      group: topology.application,
      instanceId: this.instanceId,
      sessionTimeoutMs,
      heartbeatIntervalMs,
      assignor: (members) => assignTasks(tasks, members),
      listener: rebalanceListener(this.rebalancing(), this.turns),
    });
  }

  private rebalancing(): Rebalancing {
    const { tasksOnDisk, stateHash } = this.parts;
    return {
      userData: () => encodeUserData({ tasksOnDisk: tasksOnDisk(), stateHash }),
      assign: async (assignment) => {
        this.assigned = assignment.partitions;
        this.tasks.assign(assignment.partitions);
        this.rejoins = isToBeContinued(assignment);
        if (this.rejoins) this.membership?.rejoin();
      },
      revoke: (partitions) => this.revoke(partitions),
      lose: async () => {
        this.assigned = null;
        await this.closeTasks(this.tasks.all, false);
      },
      fail: (error) => this.stopFor(error),
    };
  }

  private async revoke(partitions: readonly TopicPartition[]): Promise<void> {
    const gone = new Set(partitions.map(({ topic, partition }) => `${partition}:${topic}`));
    const stays = ({ topic, partition }: TopicPartition) => !gone.has(`${partition}:${topic}`);
    this.assigned = this.assigned?.filter(stays) ?? null;
    try {
      await this.commit();
      await this.closeTasks(this.tasks.touchedBy(partitions), true);
    } catch (error) {
      // The next owner begins at the commit before; so do the tasks that stay.
      await this.recoverOrStop(error);
    }
  }

  private async recoverOrStop(error: unknown): Promise<void> {
    try {
      await this.recover(error);
    } catch (final) {
      this.stopFor(final);
    }
  }

  private get isCaughtUp(): boolean {
    const { running } = this.tasks;
    if (this.assigned === null || !this.turns.isEmpty) return false;
    const areStarted = this.tasks.areRunning(this.assigned);
    const isCommitted = running.every(
      ({ isDirty, bufferedRecords }) => !isDirty && bufferedRecords === 0,
    );
    const hasNothingToRead = running.length === 0 || this.fetcher.hasSeenTheEnd;
    return areStarted && isCommitted && hasNothingToRead;
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

  private async shutDown(isClean: boolean): Promise<void> {
    const { logger } = this.parts.settings;
    this.turns.close();
    try {
      await this.fetcher.stop();
      await this.closeTasks(this.tasks.all, isClean);
      await this.tasks.restored();
      await this.committer.close();
      await this.membership?.leave();
    } catch (error) {
      logger.warn('Closing did not go clean.', { error });
    }
    this.parts.slot.release();
    if (this.current === 'running') this.current = transition(this.current, 'closing');
    const { failure } = this;
    this.current = transition(this.current, failure === null ? 'closed' : 'failed');
    if (failure === null) return this.finish();
    logger.error('The worker stops.', { error: failure.error });
    this.fail(failure.error);
  }

  private taskSet(): TaskSet {
    const { settings, topology, tasks, createTask } = this.parts;
    return new TaskSet({
      log: settings.log,
      group: topology.application,
      scheduler: settings.runtime.scheduler,
      all: tasks,
      create: createTask,
      onStarted: () => {
        this.fetcher.wakeUp();
        this.signal.notify();
      },
      onFailed: (error) => this.stopFor(error),
      onRestored: (records) => {
        this.counters.restoredRecords += records;
      },
    });
  }

  private createFetcher(): Fetcher {
    const { log, runtime } = this.parts.settings;
    return new Fetcher({
      log,
      scheduler: runtime.scheduler,
      tasks: () => this.tasks.running,
      commitCount: () => this.committer.commits,
      isHurried: () => this.hurried > 0,
      onFetched: () => this.signal.notify(),
      onFailed: (error) => this.stopFor(error),
    });
  }

  private createCommitter(): Committer {
    const { settings, topology } = this.parts;
    const { isExactlyOnce, log, sessionTimeoutMs } = settings;
    return new Committer({
      log,
      transactionalId: isExactlyOnce ? `${topology.application}-${this.instanceId}` : null,
      // A dead worker's transaction ends before its tasks move.
      transactionTimeoutMs: Math.min(maxTransactionTimeoutMs, Math.floor((sessionTimeoutMs * 2) / 3)),
    });
  }
}
