import type { AssignableTask } from './assignable-task.ts';
import type { AssignMember, AssignView } from './assign-members.ts';
import type { Moves } from './assign-moves.ts';

/**
 * Places the standbys of each task with state: on members with other disks than its owner and each
 * other, where a copy is kept already, else where the fewest are.
 */
export function placeStandbys(
  view: AssignView,
  moves: Moves,
  replicas: number,
): ReadonlyMap<string, readonly AssignableTask[]> {
  const placed = new Map<string, AssignableTask[]>(view.members.map(({ id }) => [id, []]));
  const withState = view.tasks.filter(({ changelogs }) => changelogs.length > 0);
  const share = Math.ceil((withState.length * replicas) / Math.max(1, view.members.length));
  const sizeOf = ({ id }: AssignMember) => placed.get(id)?.length ?? 0;
  // Less is better; a member with its share is the last resort, copy or not.
  const rankOf = (member: AssignMember, task: AssignableTask) => {
    if (sizeOf(member) >= share) return 3;
    if (view.hasCopy(task, member)) return 0;
    return member.onDisk.has(task.id) ? 1 : 2;
  };
  for (const task of withState) {
    let free = candidates(view, moves, task);
    for (let replica = 0; replica < replicas; replica += 1) {
      const [best] = [...free].sort(
        (a, b) => rankOf(a, task) - rankOf(b, task) || sizeOf(a) - sizeOf(b),
      );
      if (best === undefined) break;
      placed.get(best.id)?.push(task);
      free = free.filter((other) => other !== best && !view.sharesDisk(other, best));
    }
  }
  return placed;
}

/** Members whose disk nobody else has the task's state open on, now or after the next move. */
function candidates(
  view: AssignView,
  { tasks, warmUps }: Moves,
  task: AssignableTask,
): readonly AssignMember[] {
  const hasTask = (given: readonly AssignableTask[] | undefined) => given?.includes(task) === true;
  const users = view.members.filter(({ id }) => hasTask(tasks.get(id)) || hasTask(warmUps.get(id)));
  const owner = view.ownerOf(task);
  return view.members.filter((member) => {
    if (member.data.directory === null || users.includes(member)) return false;
    // The owner of now may keep what it gives away; those beside it would have to wait for it.
    const others = owner === null || owner === member ? users : [...users, owner];
    return others.every((other) => !view.sharesDisk(other, member));
  });
}
