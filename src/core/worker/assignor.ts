import type { GroupMember, MemberAssignment, TopicPartition } from '../log/port.ts';
import type { SubTopology } from '../topology/plan.ts';
import { taskId } from '../topology/names.ts';
import type { PartitionCounts } from '../topology/partition-counts.ts';
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

const noUserData = new Uint8Array(0);

/**
 * Gives each task to one member: to its owner, else to one that has its state on disk, else to the
 * one with the fewest. No member gets more than its share, rounded up.
 */
export function assignTasks(
  tasks: readonly AssignableTask[],
  members: readonly GroupMember[],
): ReadonlyMap<string, MemberAssignment> {
  const byId = [...members].sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
  const shares = new Map(byId.map(({ memberId }) => [memberId, [] as AssignableTask[]]));
  const owners = ownersOf(byId);
  const holders = new Map(
    byId.map(({ memberId, userData }) => [memberId, new Set(decodeUserData(userData).tasksOnDisk)]),
  );
  const maxTasks = Math.ceil(tasks.length / byId.length);
  // With a remainder, only so many members may have the greater share.
  let greaterLeft = tasks.length - Math.floor(tasks.length / byId.length) * byId.length;
  const hasRoom = (member: string) => {
    const size = shares.get(member)?.length ?? maxTasks;
    if (size < maxTasks - 1 || tasks.length % byId.length === 0) return size < maxTasks;
    return size < maxTasks && (size < maxTasks - 1 || greaterLeft > 0);
  };
  const give = (task: AssignableTask, member: string) => {
    const share = shares.get(member) ?? [];
    share.push(task);
    if (share.length === maxTasks && tasks.length % byId.length !== 0) greaterLeft -= 1;
  };
  const homeless = tasks.filter((task) => {
    const owner = ownerOf(task, owners);
    if (owner === null || !hasRoom(owner)) return true;
    give(task, owner);
    return false;
  });
  const strange = homeless.filter((task) => {
    const holder = byId.find(
      ({ memberId }) => holders.get(memberId)?.has(task.id) === true && hasRoom(memberId),
    );
    if (holder === undefined) return true;
    give(task, holder.memberId);
    return false;
  });
  for (const task of strange) {
    const [least] = [...shares].sort(([, a], [, b]) => a.length - b.length);
    if (least !== undefined) give(task, least[0]);
  }
  return new Map(
    [...shares].map(([member, share]) => [
      member,
      { partitions: share.flatMap(({ inputs }) => inputs), userData: noUserData },
    ]),
  );
}

function ownersOf(members: readonly GroupMember[]): ReadonlyMap<string, string> {
  return new Map(
    members.flatMap(({ memberId, owned }) =>
      owned.map(({ topic, partition }): [string, string] => [`${partition}:${topic}`, memberId]),
    ),
  );
}

/** The member that owns all inputs of a task. */
function ownerOf({ inputs }: AssignableTask, owners: ReadonlyMap<string, string>): string | null {
  const [owner, ...others] = new Set(
    inputs.map(({ topic, partition }) => owners.get(`${partition}:${topic}`) ?? null),
  );
  return owner === undefined || others.length > 0 ? null : owner;
}
