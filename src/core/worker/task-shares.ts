import type { AssignableTask } from './assignable-task.ts';

interface Share {
  readonly tasks: AssignableTask[];
  bytes: number;
}

/** What each member gets: as many tasks as the others, or one more where they do not divide. */
export class TaskShares {
  private readonly shares: ReadonlyMap<string, Share>;
  private readonly least: number;
  /** So many members may have one more than the least. */
  private greaterLeft: number;
  /** The two tasks that `evenOut` has swapped: they go at the same time, or none does. */
  swapped: readonly AssignableTask[] = [];

  constructor(
    members: readonly string[],
    taskCount: number,
    private readonly bytesOf: (task: AssignableTask) => number,
  ) {
    this.shares = new Map(members.map((member) => [member, { tasks: [], bytes: 0 }]));
    this.least = Math.floor(taskCount / members.length);
    this.greaterLeft = taskCount - this.least * members.length;
  }

  hasRoom(member: string): boolean {
    const size = this.of(member).length;
    return size < this.least || (size === this.least && this.greaterLeft > 0);
  }

  give(task: AssignableTask, member: string): void {
    const share = this.shares.get(member);
    if (share === undefined) return;
    share.tasks.push(task);
    share.bytes += this.bytesOf(task);
    if (share.tasks.length > this.least) this.greaterLeft -= 1;
  }

  /** The first of those with the fewest tasks, and of these the least state. */
  giveToLeast(task: AssignableTask): void {
    const [first] = [...this.shares].sort(
      ([, a], [, b]) => a.tasks.length - b.tasks.length || a.bytes - b.bytes,
    );
    if (first !== undefined) this.give(task, first[0]);
  }

  of(member: string): readonly AssignableTask[] {
    return this.shares.get(member)?.tasks ?? [];
  }

  /** The one that has the task. */
  ownerOf(task: AssignableTask): string | null {
    for (const [member, { tasks }] of this.shares) if (tasks.includes(task)) return member;
    return null;
  }

  /**
   * Swaps two tasks, at most, so that the members with the most and the least state come closer:
   * by `minGain` bytes at least, for each swap costs two restores. One under way goes first.
   */
  evenOut(minGain: number, hasCopy: (task: AssignableTask, member: string) => boolean): void {
    const byBytes = [...this.shares].sort(([, a], [, b]) => b.bytes - a.bytes);
    const [from, heaviest] = byBytes[0] ?? [];
    const [to, lightest] = byBytes.at(-1) ?? [];
    if (from === undefined || to === undefined || from === to) return;
    if (heaviest === undefined || lightest === undefined) return;
    const difference = heaviest.bytes - lightest.bytes;
    const pairs = heaviest.tasks.flatMap((a) =>
      lightest.tasks.map((b) => {
        const moved = this.bytesOf(a) - this.bytesOf(b);
        // What the difference loses once the task of the one has become the other's.
        const gain = difference - Math.abs(difference - 2 * moved);
        return { a, b, moved, gain, isUnderWay: hasCopy(a, to) && hasCopy(b, from) };
      }),
    );
    const [best] = pairs
      .filter(({ gain }) => gain >= minGain)
      .sort((x, y) => Number(y.isUnderWay) - Number(x.isUnderWay) || y.gain - x.gain);
    if (best === undefined) return;
    swap(heaviest, best.a, best.b);
    swap(lightest, best.b, best.a);
    this.swapped = [best.a, best.b];
    heaviest.bytes -= best.moved;
    lightest.bytes += best.moved;
  }
}

function swap({ tasks }: Share, gone: AssignableTask, come: AssignableTask): void {
  tasks[tasks.indexOf(gone)] = come;
}
