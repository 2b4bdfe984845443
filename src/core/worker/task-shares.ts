import type { AssignableTask } from './assignor.ts';

/** What each member gets: as many tasks as the others, or one more where they do not divide. */
export class TaskShares {
  private readonly shares: ReadonlyMap<string, AssignableTask[]>;
  private readonly least: number;
  /** So many members may have one more than the least. */
  private greaterLeft: number;

  constructor(members: readonly string[], taskCount: number) {
    this.shares = new Map(members.map((member) => [member, []]));
    this.least = Math.floor(taskCount / members.length);
    this.greaterLeft = taskCount - this.least * members.length;
  }

  hasRoom(member: string): boolean {
    const size = this.of(member).length;
    return size < this.least || (size === this.least && this.greaterLeft > 0);
  }

  give(task: AssignableTask, member: string): void {
    const share = this.shares.get(member);
    share?.push(task);
    if (share !== undefined && share.length > this.least) this.greaterLeft -= 1;
  }

  /** The first of those with the fewest tasks. */
  giveToLeast(task: AssignableTask): void {
    const [first] = [...this.shares].sort(([, a], [, b]) => a.length - b.length);
    if (first !== undefined) this.give(task, first[0]);
  }

  of(member: string): readonly AssignableTask[] {
    return this.shares.get(member) ?? [];
  }
}
