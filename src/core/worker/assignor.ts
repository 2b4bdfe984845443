import { partitionName } from '../log/partition-name.ts';
import type { GroupMember, MemberAssignment, TopicPartition } from '../log/port.ts';
import type { SubTopology } from '../topology/plan.ts';
import { taskId } from '../topology/names.ts';
import type { PartitionCounts } from '../topology/partition-counts.ts';
import { TaskShares } from './task-shares.ts';
import { decodeUserData } from './user-data.ts';

/** A task as the leader hands it out: with all its inputs, or not at all. */
export interface AssignableTask {
  readonly id: string;
  readonly subTopology: SubTopology;
  readonly partition: number;
  readonly inputs: readonly TopicPartition[];
}

/** Every task of the application, by sub-topology and partition. */
export function tasksOf(
  subTopologies: readonly SubTopology[],
  { tasks, topics }: PartitionCounts,
): readonly AssignableTask[] {
  return subTopologies.flatMap((subTopology) =>
    Array.from({ length: tasks.get(subTopology.id) ?? 0 }, (_, partition) => ({
      id: taskId(subTopology.id, partition),
      subTopology,
      partition,
      // Inputs that need not be co-partitioned may have fewer partitions than there are tasks.
      inputs: subTopology.inputs
        .filter(({ topic }) => partition < (topics.get(topic) ?? 0))
        .map(({ topic }) => ({ topic, partition })),
    })),
  );
}

const complete = new Uint8Array(0);
const toBeContinued = Uint8Array.of(1);

/**
 * Whether another rebalance must follow: the member had to give partitions away. It joins again by
 * itself then; but a process that took its place in the group meanwhile cannot know.
 */
export function isToBeContinued({ userData }: MemberAssignment): boolean {
  return userData[0] === toBeContinued[0];
}

/**
 * Gives each task to one member: to its owner, else to one that has its state on disk, else to the
 * one with the fewest. No member gets more than its share, rounded up. Members with another state
 * hash than the leader's get nothing: workers that read state differently never run tasks at the
 * same time, and a deploy goes over once the last old leader has left.
 */
export function assignTasks(
  tasks: readonly AssignableTask[],
  members: readonly GroupMember[],
  leaderHash: string,
): ReadonlyMap<string, MemberAssignment> {
  const none = new TaskShares([], 0);
  const isOther = ({ userData }: GroupMember) => decodeUserData(userData).stateHash !== leaderHash;
  const others = members.filter(isOther);
  const byId = members
    .filter((member) => !others.includes(member))
    .sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
  const ids = byId.map(({ memberId }) => memberId);
  const shares = new TaskShares(ids, tasks.length);
  const giveTo = (task: AssignableTask, member: string | null | undefined) => {
    if (member === null || member === undefined || !shares.hasRoom(member)) return false;
    shares.give(task, member);
    return true;
  };
  const owners = ownersOf(byId);
  const homeless = tasks.filter((task) => !giveTo(task, ownerOf(task, owners)));
  const holders = byId.map(({ userData }) => new Set(decodeUserData(userData).tasksOnDisk));
  const strange = homeless.filter((task) => {
    const holder = ids.find((id, at) => holders[at]?.has(task.id) === true && shares.hasRoom(id));
    return !giveTo(task, holder);
  });
  for (const task of strange) shares.giveToLeast(task);
  return new Map([
    ...byId.map((member) => [member.memberId, assignmentOf(member, shares)] as const),
    ...others.map((member) => [member.memberId, assignmentOf(member, none)] as const),
  ]);
}

function assignmentOf({ memberId, owned }: GroupMember, shares: TaskShares): MemberAssignment {
  const partitions = shares.of(memberId).flatMap(({ inputs }) => inputs);
  const names = new Set(partitions.map(partitionName));
  const keepsAll = owned.every((partition) => names.has(partitionName(partition)));
  return { partitions, userData: keepsAll ? complete : toBeContinued };
}

function ownersOf(members: readonly GroupMember[]): ReadonlyMap<string, string> {
  return new Map(
    members.flatMap(({ memberId, owned }) =>
      owned.map((partition): [string, string] => [partitionName(partition), memberId]),
    ),
  );
}

/** The member that owns all inputs of a task. */
function ownerOf({ inputs }: AssignableTask, owners: ReadonlyMap<string, string>): string | null {
  const [owner, ...others] = new Set(
    inputs.map((input) => owners.get(partitionName(input)) ?? null),
  );
  return owner === undefined || others.length > 0 ? null : owner;
}
