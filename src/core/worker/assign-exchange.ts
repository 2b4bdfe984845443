import { without } from '../log/group/partitions.ts';
import type { GroupMember, MemberAssignment, PartitionEnds, TopicPartition } from '../log/port.ts';
import { LogError } from '../model/errors.ts';
import { invariant } from '../model/invariant.ts';
import type { TaskPort } from '../task/task-port.ts';
import type { AssignableTask } from './assignable-task.ts';
import { Fencing } from './assign-fencing.ts';
import type { ChangelogSpan } from './assign-members.ts';
import { decodeNotice } from './assign-notice.ts';
import { assignTasks } from './assignor.ts';
import type { WorkerSettings } from './run-options.ts';
import type { StandbyTask } from './standby-place.ts';
import { StandbySet } from './standby-set.ts';
import { encodeUserData } from './user-data.ts';
import type { CopyStatus } from './worker.ts';

/** Sizes on disk are looked up this often at most. */
const maxSizeAgeMs = 60_000;

/** The states that lie on this worker's disk. */
export interface StateDisk {
  /** Names the directory to other workers. */
  readonly directory: string;
  has(task: string): boolean;
  bytesOf(task: string): number;
}

export interface AssignExchangeOptions {
  readonly application: string;
  readonly settings: WorkerSettings;
  readonly stateHash: string;
  readonly tasks: readonly AssignableTask[];
  readonly disk: StateDisk;
  readonly createStandby: (task: AssignableTask) => StandbyTask;
  /** Asks for a rebalance. */
  readonly rejoin: () => void;
}

/** What a worker tells its group, how it decides as leader, and what it does with the answer. */
export class AssignExchange {
  private readonly standbys: StandbySet;
  private readonly fencing: Fencing;
  private expected: readonly string[] = [];
  private assigned: readonly TopicPartition[] = [];
  private sizes: Readonly<Record<string, number>> = {};
  private sizedAtMs = -Infinity;

  constructor(private readonly options: AssignExchangeOptions) {
    const { settings, application, tasks, createStandby, rejoin } = options;
    const { log, runtime, logger, isExactlyOnce } = settings;
    this.fencing = new Fencing({ admin: log.admin, group: application, logger, isExactlyOnce });
    this.standbys = new StandbySet({
      log,
      runtime,
      logger,
      create: (id) => {
        const task = tasks.find((own) => own.id === id);
        invariant(task !== undefined, `A leader with the same state hash knows task ${id}.`);
        return createStandby(task);
      },
      onWarm: rejoin,
    });
  }

  userData(): Uint8Array {
    const { tasks, disk, stateHash, settings } = this.options;
    const tasksOnDisk = tasks.map(({ id }) => id).filter((id) => disk.has(id));
    return encodeUserData({
      tasksOnDisk,
      stateHash,
      // What does not outlive its task cannot be filled ahead of it.
      directory: settings.backend.isVolatile === true ? null : disk.directory,
      expected: this.expected,
      copies: this.standbys.reports,
      diskBytes: this.diskBytes(tasksOnDisk),
    });
  }

  /** The whole group's assignment, where this worker leads it. */
  async decide(members: readonly GroupMember[]): Promise<ReadonlyMap<string, MemberAssignment>> {
    const { tasks, stateHash, settings } = this.options;
    const { standbyReplicas } = settings;
    // A member alone has no choice.
    const changelogSpans = members.length > 1 ? await this.changelogSpans() : new Map();
    return assignTasks(tasks, members, { stateHash, standbyReplicas, changelogSpans });
  }

  /** Takes what the leader said beside the partitions, which are this worker's from now on. */
  take({ partitions, userData }: MemberAssignment): void {
    const { live, coming, standbys, warmUps } = decodeNotice(userData);
    this.expected = coming;
    this.fencing.know(live);
    this.standbys.assign(standbys, warmUps);
    // At once for all, for the restores go one by one; each asks again, so a failure is no matter.
    this.fencing.clear(without(partitions, this.assigned)).catch(() => undefined);
    this.assigned = partitions;
  }

  /** A copy of the task that is to run here is closed: the task goes on from it. */
  beforeOpen({ id }: TaskPort): Promise<void> {
    return this.standbys.release(id);
  }

  /** What dead workers have left open is ended: nothing of it has to be waited for. */
  beforeRestore({ inputs }: TaskPort): Promise<void> {
    return this.fencing.clear(inputs);
  }

  get copies(): readonly CopyStatus[] {
    return this.standbys.statuses;
  }

  close(): Promise<void> {
    return this.standbys.close();
  }

  /** None where the log does not answer: then each state counts as large. */
  private async changelogSpans(): Promise<ReadonlyMap<string, ChangelogSpan>> {
    const { tasks, settings } = this.options;
    const changelogs = tasks.flatMap((task) => task.changelogs);
    if (changelogs.length === 0) return new Map();
    try {
      const ends = await settings.log.admin.ends(changelogs);
      let at = 0;
      return new Map(
        tasks.map(({ id, changelogs: own }) => {
          const from = at;
          at += own.length;
          return [id, spanOf(ends.slice(from, at))] as const;
        }),
      );
    } catch (error) {
      if (!(error instanceof LogError)) throw error;
      const { message, code } = error;
      settings.logger.warn(`Tasks are assigned without their sizes: ${message}`, { code });
      return new Map();
    }
  }

  private diskBytes(tasksOnDisk: readonly string[]): Readonly<Record<string, number>> {
    const { disk, settings } = this.options;
    const nowMs = settings.runtime.clock.monotonicTimeMs();
    if (nowMs - this.sizedAtMs < maxSizeAgeMs) return this.sizes;
    this.sizedAtMs = nowMs;
    this.sizes = Object.fromEntries(tasksOnDisk.map((id) => [id, disk.bytesOf(id)]));
    return this.sizes;
  }
}

function spanOf(ends: readonly PartitionEnds[]): ChangelogSpan {
  return {
    start: ends.reduce((sum, { logStartOffset }) => sum + logStartOffset, 0),
    end: ends.reduce((sum, { logEndOffset }) => sum + logEndOffset, 0),
  };
}
