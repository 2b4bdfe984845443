import { partitionName } from '../log/partition-name.ts';
import type { GroupMember, MemberAssignment } from '../log/port.ts';
import type { AssignableTask } from './assignable-task.ts';
import { AssignView, type ChangelogSpan } from './assign-members.ts';
import { decideMoves, type Moves } from './assign-moves.ts';
import { encodeNotice } from './assign-notice.ts';
import { targetShares } from './assign-target.ts';
import { placeStandbys } from './standby-places.ts';
import { decodeUserData } from './user-data.ts';

export interface AssignRules {
  /** The leader's own. */
  readonly stateHash: string;
  readonly standbyReplicas: number;
  /** By task with state. One that is missing has an unknown amount of it. */
  readonly changelogSpans: ReadonlyMap<string, ChangelogSpan>;
}

/** What a member gets. */
interface Gift {
  readonly tasks: readonly AssignableTask[];
  readonly coming: readonly AssignableTask[];
  readonly standbys: readonly AssignableTask[];
  readonly warmUps: readonly AssignableTask[];
}

/**
 * Gives each task to one member, evenly and mostly where it was (`targetShares`), step by step
 * where state has to be restored first (`decideMoves`), and says who keeps copies. Members with
 * another state hash than the leader's get nothing: workers that read state differently never run
 * tasks at the same time, and a deploy goes over once the last old leader has left.
 */
export function assignTasks(
  tasks: readonly AssignableTask[],
  members: readonly GroupMember[],
  rules: AssignRules,
): ReadonlyMap<string, MemberAssignment> {
  const alike = members.filter(
    ({ userData }) => decodeUserData(userData).stateHash === rules.stateHash,
  );
  const view = new AssignView(tasks, alike, rules.changelogSpans);
  const moves = decideMoves(view, targetShares(view));
  const standbys = placeStandbys(view, moves, rules.standbyReplicas);
  const giftOf = ({ memberId, userData }: GroupMember): Gift => {
    const coming = comingTo(view, memberId, moves);
    const { copies } = decodeUserData(userData);
    // A copy stays open until its task comes.
    const kept = coming.filter(({ id }) => copies[id] !== undefined);
    return {
      tasks: moves.tasks.get(memberId) ?? [],
      coming,
      standbys: [...(standbys.get(memberId) ?? []), ...kept],
      warmUps: moves.warmUps.get(memberId) ?? [],
    };
  };
  const live = members.map(({ instanceId }) => instanceId);
  return new Map(
    members.map((member) => [member.memberId, assignmentOf(member, giftOf(member), live)]),
  );
}

/** Tasks that another member has still to give up. */
function comingTo(view: AssignView, memberId: string, { tasks }: Moves): readonly AssignableTask[] {
  return (tasks.get(memberId) ?? []).filter((task) => {
    const owner = view.ownerOf(task);
    return owner !== null && owner.id !== memberId;
  });
}

function assignmentOf(
  { owned }: GroupMember,
  { tasks, coming, standbys, warmUps }: Gift,
  live: readonly string[],
): MemberAssignment {
  const partitions = tasks.flatMap(({ inputs }) => inputs);
  const names = new Set(partitions.map(partitionName));
  const keepsAll = owned.every((partition) => names.has(partitionName(partition)));
  const userData = encodeNotice({
    isToBeContinued: !keepsAll,
    live,
    coming: coming.map(({ id }) => id),
    standbys: standbys.map(({ id }) => id),
    warmUps: warmUps.map(({ id }) => id),
  });
  return { partitions, userData };
}
