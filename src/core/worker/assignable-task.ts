import { partitionName } from '../log/partition-name.ts';
import type { TopicPartition } from '../log/port.ts';
import { changelogsOf } from '../task/changelogs.ts';
import { taskId } from '../topology/names.ts';
import type { PartitionCounts } from '../topology/partition-counts.ts';
import type { SubTopology, Topology } from '../topology/plan.ts';

/** A task as the leader hands it out: with all its inputs, or not at all. */
export interface AssignableTask {
  readonly id: string;
  readonly subTopology: SubTopology;
  readonly partition: number;
  readonly inputs: readonly TopicPartition[];
  /** None: it has no state. */
  readonly changelogs: readonly TopicPartition[];
}

/** The tasks that come with these partitions: all of whose inputs are among them. */
export function tasksWithin(
  partitions: readonly TopicPartition[],
  tasks: readonly AssignableTask[],
): readonly AssignableTask[] {
  const names = new Set(partitions.map(partitionName));
  return tasks.filter(
    ({ inputs }) => inputs.length > 0 && inputs.every((input) => names.has(partitionName(input))),
  );
}

/** Every task of the application, by sub-topology and partition. */
export function tasksOf(
  { application, subTopologies }: Pick<Topology, 'application' | 'subTopologies'>,
  { tasks, topics }: Pick<PartitionCounts, 'tasks' | 'topics'>,
): readonly AssignableTask[] {
  return subTopologies.flatMap((subTopology) =>
    Array.from({ length: tasks.get(subTopology.id) ?? 0 }, (_, partition) => {
      // Inputs that need not be co-partitioned may have fewer partitions than there are tasks.
      const inputs = subTopology.inputs
        .filter(({ topic }) => partition < (topics.get(topic) ?? 0))
        .map(({ topic }) => ({ topic, partition }));
      return {
        id: taskId(subTopology.id, partition),
        subTopology,
        partition,
        inputs,
        changelogs: changelogsOf(application, subTopology, partition, inputs),
      };
    }),
  );
}
