import type { GroupMember } from '../log/port.ts';
import { type AssignableTask, tasksWithin } from './assignable-task.ts';
import { decodeUserData, type UserData } from './user-data.ts';

/** A copy this close to its changelogs' ends counts as caught up: the rest is read in a moment. */
export const acceptableLag = 10_000;

/** Where the changelogs of a task begin and end: the sums over all of them. */
export interface ChangelogSpan {
  readonly start: number;
  readonly end: number;
}

/** A member that may be given tasks, with what it has and what it said of itself. */
export interface AssignMember {
  readonly id: string;
  /** Tasks all of whose inputs it owns. */
  readonly owned: ReadonlySet<string>;
  readonly onDisk: ReadonlySet<string>;
  readonly data: UserData;
}

/** Members and tasks as the leader sees them while it decides. */
export class AssignView {
  /** In the order of their ids, so that each leader decides alike. */
  readonly members: readonly AssignMember[];

  constructor(
    readonly tasks: readonly AssignableTask[],
    members: readonly GroupMember[],
    /** By task; a task that is not in it has an unknown amount of state. */
    private readonly spans: ReadonlyMap<string, ChangelogSpan>,
  ) {
    this.members = members
      .map((member) => memberOf(member, tasks))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  ownerOf(task: AssignableTask): AssignMember | null {
    return this.members.find(({ owned }) => owned.has(task.id)) ?? null;
  }

  /** Records that the member would have to read before the task runs on it, at most. */
  lagOf({ id, changelogs }: AssignableTask, { data }: AssignMember): number {
    if (changelogs.length === 0) return 0;
    const span = this.spans.get(id);
    if (span === undefined) return Infinity;
    return Math.max(0, span.end - Math.max(span.start, data.copies[id]?.position ?? 0));
  }

  /** Whether the task would run on the member soon after it was moved there. */
  isReady(task: AssignableTask, member: AssignMember): boolean {
    // There is no use in waiting for a copy that is never kept.
    if (member.data.directory === null) return true;
    return (
      member.data.copies[task.id]?.isReady === true || this.lagOf(task, member) <= acceptableLag
    );
  }

  hasCopy(task: AssignableTask, { data }: AssignMember): boolean {
    return data.copies[task.id] !== undefined;
  }

  /** Whether one copy on disk serves both: then it cannot be open on both. */
  sharesDisk(a: AssignMember, b: AssignMember): boolean {
    return a.data.directory !== null && a.data.directory === b.data.directory;
  }

  /** What the state of a task takes on disk, as far as anybody knows. */
  bytesOf({ id }: AssignableTask): number {
    return Math.max(0, ...this.members.map(({ data }) => data.diskBytes[id] ?? 0));
  }
}

function memberOf(
  { memberId, owned, userData }: GroupMember,
  tasks: readonly AssignableTask[],
): AssignMember {
  const data = decodeUserData(userData);
  return {
    id: memberId,
    owned: new Set(tasksWithin(owned, tasks).map(({ id }) => id)),
    onDisk: new Set(data.tasksOnDisk),
    data,
  };
}
