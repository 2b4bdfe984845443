import type { Admin, Topology, TopicPartition } from '../../src/index.ts';

/** How far an application is with each topic. */
export interface TopicLag {
  /** Offsets that some task has still to pass, over all topics that tasks read. */
  readonly waiting: number;
  /** Of the input, by partition. */
  readonly committed: readonly number[];
  /** The end offsets of each topic, added up. */
  readonly ends: ReadonlyMap<string, number>;
}

export function topicLags(
  admin: Admin,
  topology: Topology,
  input: string,
): () => Promise<TopicLag> {
  const read = new Set(
    topology.subTopologies.flatMap(({ inputs }) => inputs.map(({ topic }) => topic)),
  );
  const written = topology.nodes.flatMap((node) =>
    node.type === 'sink' && typeof node.topic === 'string' ? [node.topic] : [],
  );
  const all = [...new Set([...read, ...written])];
  return async () => {
    const described = await admin.describeTopics(all);
    const partitions = [...described.values()].flatMap(({ topic, partitions: count }) =>
      Array.from({ length: count }, (_, partition): TopicPartition => ({ topic, partition })),
    );
    // Committed offsets before ends: where they are equal, nothing was on its way in between.
    const inputs = partitions.filter(({ topic }) => read.has(topic));
    const offsets = await admin.committedOffsets(topology.application, inputs, 'last');
    const ends = await admin.ends(partitions);
    const endsByTopic = new Map<string, number>();
    for (const [index, { topic }] of partitions.entries()) {
      const end = ends[index]?.logEndOffset ?? 0;
      endsByTopic.set(topic, (endsByTopic.get(topic) ?? 0) + end);
    }
    const committed: number[] = [];
    let waiting = 0;
    for (const [index, own] of inputs.entries()) {
      const offset = offsets[index]?.offset ?? 0;
      waiting += (ends[partitions.indexOf(own)]?.logEndOffset ?? 0) - offset;
      if (own.topic === input) committed[own.partition] = offset;
    }
    return { waiting, committed, ends: endsByTopic };
  };
}
