import { type AssignableTask, tasksOf } from '../../../src/core/worker/assignable-task.ts';
import { onUpdate, string, TopologyBuilder } from '../../../src/index.ts';

/** Two sub-topologies: the first without state, the second with. */
export function tasks(partitions: number): readonly AssignableTask[] {
  const builder = new TopologyBuilder('app');
  builder
    .stream('in', { key: string(), value: string() })
    .groupBy((value) => value, { name: 'by-value', key: string() })
    .count({ name: 'counts', emit: onUpdate() });
  const topology = builder.build();
  const { subTopologies } = topology;
  const counts = new Map(subTopologies.map(({ id }) => [id, partitions]));
  const topics = new Map(
    subTopologies.flatMap(({ inputs }) => inputs.map(({ topic }) => [topic, partitions])),
  );
  return tasksOf(topology, { tasks: counts, topics });
}
