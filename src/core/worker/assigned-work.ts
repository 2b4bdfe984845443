import { partitionName } from '../log/partition-name.ts';
import type { GroupMetadata, MemberAssignment, Membership, TopicPartition } from '../log/port.ts';
import type { TaskCounters } from '../task/task-counters.ts';
import type { TaskPort } from '../task/task-port.ts';
import { transactionalId } from '../topology/names.ts';
import type { PlanNode } from '../topology/plan.ts';
import type { AssignableTask } from './assignable-task.ts';
import { isToBeContinued } from './assign-notice.ts';
import { Committer } from './committer.ts';
import { Fetcher } from './fetcher.ts';
import { isRecoverable, Recoveries } from './recoveries.ts';
import { runAll } from './run-all.ts';
import type { WorkerSettings } from './run-options.ts';
import { TaskSet } from './task-set.ts';
import { TopicCare } from './topic-care.ts';
import type { WorkerStatus } from './worker.ts';
import { WorkerCounters } from './worker-counters.ts';
import type { MeasuredWork } from './worker-reading.ts';
import type { WorkerState } from './worker-states.ts';

/** A task works for so long, then the event loop has its turn. */
const maxSliceRecords = 1000;
const maxSliceMs = 5;
/** Beside a commit: each of its answers waits for the event loop's next turn. */
const maxSliceBesideCommitMs = 1;
const maxTransactionTimeoutMs = 30_000;

export interface CreatedTaskSettings {
  /** Its part of what a worker has for all its tasks, up to 1. */
  readonly share: number;
  /** There may be work for it that no fetch has brought. */
  readonly onReady: () => void;
  /** Monotonic time up to which the group surely counts this worker in. */
  readonly leaseEndsMs: () => number;
}

export interface AssignedWorkParts {
  readonly application: string;
  /** Of its topology. */
  readonly nodes: readonly PlanNode[];
  readonly instanceId: string;
  readonly settings: WorkerSettings;
  /** Every task of the application. */
  readonly tasks: readonly AssignableTask[];
  readonly createTask: (task: AssignableTask, settings: CreatedTaskSettings) => TaskPort;
  readonly beforeRecovery: () => Promise<void>;
  /** Makes way for a task on the disk, before it is opened. */
  readonly beforeOpen: (task: TaskPort) => Promise<void>;
  /** Makes way for it in the log, before it is restored. */
  readonly beforeRestore: (task: TaskPort) => Promise<void>;
  /** Somebody waits for all that is there: commits come at once. */
  readonly isHurried: () => boolean;
  /** There may be something to do. */
  readonly onChange: () => void;
  readonly onFailed: (error: unknown) => void;
}

/**
 * The tasks a worker is assigned, and what it does with all of them together: a slice of work, one
 * commit, or back to the last one. Work goes on while a commit is under way; whatever takes tasks
 * away waits for its end.
 */
export class AssignedWork {
  membership: Membership | null = null;
  /** Null while the group has not said what it is. */
  private assigned: readonly TopicPartition[] | null = null;
  /** Whether the assignment asked for another rebalance. */
  private rejoins = false;
  /** When the last one began. */
  private lastCommitMs = 0;
  /** A task has more output than it should keep. */
  private isCommitRequested = false;
  /** A commit is due, and some tasks still wait for calls. */
  private isComingToRest = false;
  private readonly counters = new WorkerCounters();
  private readonly recoveries = new Recoveries();
  private readonly tasks: TaskSet;
  private readonly fetcher: Fetcher;
  private readonly committer: Committer;
  private readonly topicCare: TopicCare;

  constructor(private readonly parts: AssignedWorkParts) {
    this.tasks = this.taskSet();
    this.fetcher = this.createFetcher();
    this.committer = this.createCommitter();
    this.topicCare = this.createTopicCare();
  }

  async open(): Promise<void> {
    await this.committer.open();
    this.fetcher.start();
    this.topicCare.start();
  }

  /** From now on there is somebody to commit as. */
  join(membership: Membership): void {
    this.membership = membership;
    if (this.rejoins) membership.rejoin();
  }

  assign(assignment: MemberAssignment): void {
    this.assigned = assignment.partitions;
    this.tasks.assign(assignment.partitions);
    this.rejoins = isToBeContinued(assignment);
    if (this.rejoins) this.membership?.rejoin();
  }

  async revoke(partitions: readonly TopicPartition[]): Promise<void> {
    const gone = new Set(partitions.map(partitionName));
    const stays = (own: TopicPartition) => !gone.has(partitionName(own));
    this.assigned = this.assigned?.filter(stays) ?? null;
    try {
      await this.commitAll();
      await this.closeTasks(this.tasks.touchedBy(partitions), true);
    } catch (error) {
      // The next owner begins at the commit before; so do the tasks that stay.
      await this.recover(error);
    }
  }

  async lose(): Promise<void> {
    this.assigned = null;
    try {
      await this.committer.finished();
    } catch (error) {
      await this.recover(error);
    }
    await this.closeTasks(this.tasks.all, false);
  }

  /** A slice of each task, the one with the least stream time first, and a commit if it is due. */
  async turn(): Promise<boolean> {
    let hasWorked = false;
    try {
      this.committer.check();
      hasWorked = await this.work();
      await this.commitWhereDue(hasWorked);
    } catch (error) {
      await this.recover(error);
    }
    return hasWorked;
  }

  /** What cannot be committed any more is left to the next owner. False: some of it is. */
  async commitLast(): Promise<boolean> {
    try {
      await this.commitAll();
      return true;
    } catch (error) {
      if (!isRecoverable(error)) throw error;
      const { message, code } = error;
      this.parts.settings.logger.warn(`The last commit was refused: ${message}`, { code });
      return false;
    }
  }

  /** Each step is taken even if one before it fails: a member that stays would hold its tasks. */
  async close(isClean: boolean): Promise<void> {
    await runAll([
      () => this.topicCare.stop(),
      () => this.fetcher.stop(),
      () => this.committer.settled(),
      () => this.closeTasks(this.tasks.all, isClean),
      () => this.tasks.restored(),
      () => this.committer.close(),
      () => this.membership?.leave(),
    ]);
  }

  /** What is there has to be looked at anew before the end counts as reached. */
  lookAgain(): void {
    this.fetcher.lookAgain();
  }

  get isCaughtUp(): boolean {
    const { running } = this.tasks;
    if (this.assigned === null || !this.tasks.areRunning(this.assigned)) return false;
    if (this.committer.isUnderWay) return false;
    const isCommitted = running.every(
      ({ isDirty, bufferedRecords }) => !isDirty && bufferedRecords === 0,
    );
    return isCommitted && (running.length === 0 || this.fetcher.hasSeenTheEnd);
  }

  /** Whether everything runs that the group has given to this worker, and still counts it in. */
  get isRunning(): boolean {
    if (this.assigned === null || this.groupNow() === null) return false;
    return this.tasks.areRunning(this.assigned);
  }

  /** Until the next commit; the end of one under way tells itself, and so do results. */
  get idleMs(): number {
    if (this.committer.isUnderWay || this.isComingToRest) return Infinity;
    const { runtime, commitIntervalMs } = this.parts.settings;
    return commitIntervalMs - (runtime.clock.monotonicTimeMs() - this.lastCommitMs);
  }

  /** `beside`: what is counted by none of the tasks. */
  status(state: WorkerState, beside: readonly TaskCounters[]): WorkerStatus {
    const { counters, tasks, committer, recoveries } = this;
    const progressOf = (id: string) => tasks.progressOf(id);
    const { commits } = committer;
    return counters.status({ state, tasks: tasks.all, beside, progressOf, commits, recoveries });
  }

  /** Counters and positions as the metrics need them. */
  measured(beside: readonly TaskCounters[]): MeasuredWork {
    const { counters, committer, recoveries } = this;
    const tasks = this.tasks.all;
    return {
      tasks,
      isLeased: this.groupNow() !== null,
      progressOf: (id) => this.tasks.progressOf(id),
      committed: counters.committed(tasks, beside),
      commitSeconds: committer.durations,
      restoredRecords: counters.restoredRecords,
      recoveries: recoveries.count,
    };
  }

  private async work(): Promise<boolean> {
    let hasWorked = false;
    const running = [...this.tasks.running].sort((a, b) => a.streamTimeMs - b.streamTimeMs);
    for (const task of running) {
      if (this.topicCare.holdsBack(task)) continue;
      const isBesideCommit = this.committer.isUnderWay;
      const maxMs = isBesideCommit ? maxSliceBesideCommitMs : maxSliceMs;
      const result = await task.run(maxSliceRecords, maxMs);
      if (result === 'idle') continue;
      hasWorked = true;
      this.fetcher.wakeUp();
      if (result === 'commit-requested') this.isCommitRequested = true;
      if (isBesideCommit) await this.parts.settings.runtime.scheduler.yieldNow();
    }
    return hasWorked;
  }

  private async commitWhereDue(hasWorked: boolean): Promise<void> {
    // Memory has a bound, so work waits for the commit under way; else that goes on beside it.
    if (this.isFull) await this.committer.finished();
    if (this.committer.isUnderWay) return;
    const isWaitedFor = this.parts.isHurried() && !hasWorked;
    const isDue = this.isComingToRest || isWaitedFor || this.idleMs <= 0;
    // Who waits for calls does not keep the others from their work, as long as memory lasts.
    if (this.isFull || (isDue && this.comeToRest())) await this.beginCommit();
  }

  private comeToRest(): boolean {
    const atRest = this.tasks.running.map((task) => task.comeToRest());
    this.isComingToRest = atRest.includes(false);
    return !this.isComingToRest;
  }

  private get isFull(): boolean {
    if (this.isCommitRequested) return true;
    const inTasks = this.tasks.running.reduce((sum, task) => sum + task.dirtyBytes, 0);
    return inTasks + this.committer.dirtyBytes > this.parts.settings.maxDirtyBytes;
  }

  /** Resolves once everything done so far is committed. */
  private async commitAll(): Promise<void> {
    await this.committer.finished();
    await this.beginCommit();
    await this.committer.finished();
  }

  private async beginCommit(): Promise<void> {
    if (this.membership === null) return;
    this.lastCommitMs = this.parts.settings.runtime.clock.monotonicTimeMs();
    this.isCommitRequested = false;
    this.isComingToRest = false;
    // Its tasks may be another's by now: nothing is written until the group has answered.
    if (this.groupNow() === null) return;
    await this.committer.begin(this.tasks.running, () => this.groupNow());
  }

  /** Null past the lease. */
  private groupNow(): GroupMetadata | null {
    if (this.membership === null) return null;
    const { metadata, leaseEndsMs } = this.membership;
    const nowMs = this.parts.settings.runtime.clock.monotonicTimeMs();
    return nowMs < leaseEndsMs ? metadata : null;
  }

  /** All tasks back to their last commit, with a new producer; throws where that cannot help. */
  private async recover(error: unknown): Promise<void> {
    const { logger, runtime } = this.parts.settings;
    await this.committer.settled();
    for (let cause = error; ;) {
      const { message, code } = this.recoveries.begin(cause);
      // A group that moves on without a member is how members come and go; all else is trouble.
      const tell = code === 'STALE_GENERATION' || code === 'UNKNOWN_MEMBER' ? 'info' : 'warn';
      logger[tell](`Going back to the last commit: ${message}`, { code });
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

  private taskSet(): TaskSet {
    const { settings, application, tasks, createTask, onChange, ...parts } = this.parts;
    const { log, runtime, logger } = settings;
    const { beforeOpen, beforeRestore, onFailed } = parts;
    return new TaskSet({
      log,
      group: application,
      runtime,
      logger,
      all: tasks,
      create: (task, share) => {
        const leaseEndsMs = () => this.membership?.leaseEndsMs ?? -Infinity;
        return createTask(task, { share, onReady: onChange, leaseEndsMs });
      },
      beforeOpen,
      beforeRestore,
      onStarted: () => {
        this.fetcher.wakeUp();
        onChange();
      },
      onFailed,
      onRestored: (records) => {
        this.counters.restoredRecords += records;
      },
    });
  }

  private createFetcher(): Fetcher {
    const { settings, isHurried, onChange, onFailed } = this.parts;
    const { clock, scheduler } = settings.runtime;
    return new Fetcher({
      log: settings.log,
      scheduler,
      clock,
      logger: settings.logger,
      tasks: () => this.tasks.running,
      commitCount: () => this.committer.commits,
      isHurried,
      isMemberSince: (sinceMs) =>
        (this.membership?.leaseEndsMs ?? -Infinity) - settings.sessionTimeoutMs >= sinceMs,
      onFetched: onChange,
      onFailed,
    });
  }

  private createCommitter(): Committer {
    const { settings, application, instanceId } = this.parts;
    const { isExactlyOnce, log, sessionTimeoutMs, runtime } = settings;
    return new Committer({
      log,
      clock: runtime.clock,
      transactionalId: isExactlyOnce ? transactionalId(application, instanceId) : null,
      // A dead worker's transaction ends before its tasks move.
      transactionTimeoutMs: Math.min(maxTransactionTimeoutMs, Math.floor(sessionTimeoutMs / 1.5)),
      onEnded: (isCommitted) => {
        if (isCommitted) this.recoveries.hasCommitted();
        this.parts.onChange();
      },
    });
  }

  private createTopicCare(): TopicCare {
    const { settings, application, nodes, tasks, onChange, onFailed } = this.parts;
    const { log, logger, runtime } = settings;
    const { scheduler } = runtime;
    const shared = { log, logger, scheduler, application, onFailed };
    const running = () => this.tasks.running;
    return new TopicCare({ ...shared, nodes, all: tasks, tasks: running, onRelieved: onChange });
  }
}
