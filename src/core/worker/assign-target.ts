import type { AssignableTask } from './assignable-task.ts';
import type { AssignMember, AssignView } from './assign-members.ts';
import { TaskShares } from './task-shares.ts';

/** A swap of tasks must bring the members this much closer, and by a quarter of a mean share. */
const minSwapBytes = 256 * 1024 * 1024;
const minSwapShare = 0.25;

/**
 * Who should have which task in the end: its owner; else the one it is on its way to; else one that
 * has a copy, the best first; else the one with the fewest tasks, and of these the one with the
 * least state. No member gets more than its share, rounded up.
 */
export function targetShares(view: AssignView): TaskShares {
  const { tasks, members } = view;
  const bytes = new Map(tasks.map((task) => [task, view.bytesOf(task)]));
  const bytesOf = (task: AssignableTask) => bytes.get(task) ?? 0;
  const ids = members.map(({ id }) => id);
  const shares = new TaskShares(ids, tasks.length, bytesOf);
  for (const member of members) {
    for (const task of stayingFirst(view, member, bytesOf)) {
      if (shares.hasRoom(member.id)) shares.give(task, member.id);
    }
  }
  const homeless = tasks.filter((task) => shares.ownerOf(task) === null);
  // The heavy ones first: they are spread while there is a choice.
  homeless.sort((a, b) => bytesOf(b) - bytesOf(a));
  const strange = homeless.filter((task) => {
    const withRoom = members.filter(({ id }) => shares.hasRoom(id));
    // What is between two members goes on to the one it was meant for.
    const heir = withRoom.find(({ data }) => data.expected.includes(task.id));
    const holder = heir ?? bestHolder(view, task, withRoom);
    if (holder !== null) shares.give(task, holder.id);
    return holder === null;
  });
  for (const task of strange) shares.giveToLeast(task);
  const directories = new Set(members.map(({ data }) => data.directory));
  // A swap needs copies to go by, and only from disk to disk is anything won.
  if (directories.has(null) || directories.size < members.length) return shares;
  const mean = tasks.reduce((sum, task) => sum + bytesOf(task), 0) / Math.max(1, ids.length);
  shares.evenOut(Math.max(minSwapBytes, mean * minSwapShare), (task, id) => {
    const member = members.find((own) => own.id === id);
    return task.changelogs.length === 0 || (member !== undefined && view.hasCopy(task, member));
  });
  return shares;
}

/** The first of those whose copy has the least lag; null if nobody has anything of the task. */
export function bestHolder(
  view: AssignView,
  task: AssignableTask,
  candidates: readonly AssignMember[],
): AssignMember | null {
  const [best] = candidates
    .filter((member) => member.onDisk.has(task.id) || view.hasCopy(task, member))
    .map((member) => ({ member, lag: view.lagOf(task, member) }))
    .sort((a, b) => (a.lag === b.lag ? 0 : a.lag - b.lag));
  return best?.member ?? null;
}

/**
 * The tasks of a member, those last that it would give away first: what members with too few have
 * a copy of; of the others heavy and light ones alike, and not all of one sub-topology.
 */
function stayingFirst(
  view: AssignView,
  member: AssignMember,
  bytesOf: (task: AssignableTask) => number,
): readonly AssignableTask[] {
  const share = Math.ceil(view.tasks.length / view.members.length);
  const needy = view.members.filter(({ owned }) => owned.size < share);
  const readinessOf = (task: AssignableTask) => {
    const copies = needy.filter((other) => other !== member && view.hasCopy(task, other));
    if (copies.length === 0) return 0;
    return copies.some((other) => view.isReady(task, other)) ? 2 : 1;
  };
  return view.tasks
    .filter(({ id }) => member.owned.has(id))
    .sort((a, b) => bytesOf(b) - bytesOf(a))
    .map((task, index) => ({ task, readiness: readinessOf(task), order: scattered(index) }))
    .sort((a, b) => a.readiness - b.readiness || a.order - b.order)
    .map(({ task }) => task);
}

/** The bits of a number behind the point, in reverse: any first few of them lie far apart. */
function scattered(index: number): number {
  let [order, weight] = [0, 0.5];
  for (let rest = index; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) order += weight;
    weight /= 2;
  }
  return order;
}
