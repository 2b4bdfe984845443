import type { AssignableTask } from './assignable-task.ts';
import type { AssignMember, AssignView } from './assign-members.ts';
import { bestHolder } from './assign-target.ts';
import type { TaskShares } from './task-shares.ts';

/** Tasks that a member warms up for at the same time. */
const maxWarmUps = 2;

/** What is given out now, by member. */
export interface Moves {
  readonly tasks: ReadonlyMap<string, readonly AssignableTask[]>;
  readonly warmUps: ReadonlyMap<string, readonly AssignableTask[]>;
}

/**
 * One step from what is to what should be. A task whose new home would first have to restore it
 * stays where it runs, or runs where a copy is ready, while the new home warms up: some rebalance
 * later it moves.
 */
export function decideMoves(view: AssignView, target: TaskShares): Moves {
  const tasks = new Map<string, AssignableTask[]>(view.members.map(({ id }) => [id, []]));
  const warmUps = new Map<string, readonly AssignableTask[]>();
  const isSwapHeld = view.members.some((home) =>
    target
      .of(home.id)
      .some((task) => target.swapped.includes(task) && placeUntilReady(view, task, home) !== null),
  );
  for (const home of view.members) {
    const waiting: AssignableTask[] = [];
    for (const task of target.of(home.id)) {
      const isHeld = isSwapHeld && target.swapped.includes(task);
      const stay = isHeld ? view.ownerOf(task) : placeUntilReady(view, task, home);
      tasks.get((stay ?? home).id)?.push(task);
      if (stay !== null && !view.sharesDisk(stay, home)) waiting.push(task);
    }
    warmUps.set(home.id, firstWarmUps(view, home, waiting));
  }
  return { tasks, warmUps };
}

/** Where the task is while its home is not ready; null: it can go home now. */
function placeUntilReady(
  view: AssignView,
  task: AssignableTask,
  home: AssignMember,
): AssignMember | null {
  const isHome = (member: AssignMember) => member === home || view.sharesDisk(member, home);
  if (view.isReady(task, home)) return null;
  const owner = view.ownerOf(task);
  if (owner !== null) return isHome(owner) ? null : owner;
  const ready = view.members.filter(
    (member) => view.hasCopy(task, member) && view.isReady(task, member),
  );
  const holder = bestHolder(view, task, ready);
  return holder === null || isHome(holder) ? null : holder;
}

/** Those that are under way go on first. */
function firstWarmUps(
  view: AssignView,
  home: AssignMember,
  waiting: readonly AssignableTask[],
): readonly AssignableTask[] {
  const underWay = waiting.filter((task) => view.hasCopy(task, home));
  const others = waiting.filter((task) => !underWay.includes(task));
  return [...underWay, ...others].slice(0, maxWarmUps);
}
