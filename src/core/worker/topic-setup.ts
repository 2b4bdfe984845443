import type { Log, NewTopic, TopicDescription } from '../log/port.ts';
import { type ErrorCode } from '../model/error-codes.ts';
import { TopologyError, type TopologyProblem, WorkerError } from '../model/errors.ts';
import {
  type CountedTopic,
  partitionCounts,
  type PartitionCounts,
} from '../topology/partition-counts.ts';
import type { Topology } from '../topology/plan.ts';

/** Records keep their event time, in the future too: state and window borders come of it. */
const timestampSettings = {
  'message.timestamp.type': 'CreateTime',
  'message.timestamp.after.max.ms': String(Number.MAX_SAFE_INTEGER),
};
/** Settings of the topics that hold state; see docs/ARCHITECTURE.md, "The commit". */
const changelogSettings = {
  'cleanup.policy': 'compact',
  'segment.bytes': String(64 * 1024 * 1024),
  'min.cleanable.dirty.ratio': '0.3',
  ...timestampSettings,
};
const progressSettings = { ...changelogSettings, 'segment.bytes': String(16 * 1024 * 1024) };
/** Kept until the readers have committed what they read: see `RepartitionPurge`. */
const repartitionSettings = {
  'cleanup.policy': 'delete',
  'retention.ms': '-1',
  ...timestampSettings,
};

/**
 * Looks the user's topics up and works out the partitions of all others.
 *
 * @throws {TopologyError} `TOPIC_MISSING`, `NOT_COPARTITIONED`, `TOPIC_NOT_COMPACTED`
 */
export async function countPartitions(
  topology: Topology,
  { admin }: Log,
): Promise<PartitionCounts> {
  const sources = topicsRead(topology);
  const described = await admin.describeTopics(sources);
  const userTopics = [...described.values()];
  const counts = partitionCounts(
    topology,
    new Map(userTopics.map(({ topic, partitions }) => [topic, partitions])),
  );
  checkCompacted(topology, described);
  return counts;
}

/** A changelog keeps the last value of each key for ever: a topic that does not loses rows. */
function checkCompacted(
  { subTopologies }: Topology,
  described: ReadonlyMap<string, TopicDescription>,
): void {
  const stores = subTopologies.flatMap((subTopology) => subTopology.stores);
  const problems = stores.flatMap(({ name, changelogTopic: topic }): TopologyProblem[] => {
    const found = topic === undefined ? undefined : described.get(topic);
    if (found === undefined || found.cleanup === 'compact') return [];
    const message =
      `'${found.topic}' is the changelog of the table '${name}' and has clean-up ` +
      `'${found.cleanup}': make it 'compact', or leave out changelog: 'source'`;
    return [{ code: 'TOPIC_NOT_COMPACTED', node: name, message }];
  });
  if (problems.length > 0) throw new TopologyError(problems);
}

/** The user's topics that are read, by tasks or by every worker. */
function topicsRead({ nodes }: Topology): readonly string[] {
  return nodes.flatMap((node) =>
    node.type === 'source' || node.type === 'global' ? [node.topic] : [],
  );
}

/**
 * Creates the internal topics that are missing and checks the others.
 *
 * @throws {WorkerError} `TOPIC_MISMATCH` if an internal topic has another shape; `TOPIC_MISSING` if
 * it is not there and must not be made.
 */
export async function setUpInternalTopics(
  internal: readonly CountedTopic[],
  { admin }: Log,
  createsTopics: boolean,
): Promise<void> {
  const wanted = internal.map(newTopic);
  const found = await admin.describeTopics(wanted.map(({ topic }) => topic));
  const missing = wanted.filter(({ topic }) => !found.has(topic));
  for (const topic of wanted) checkShape(topic, found.get(topic.topic));
  if (missing.length > 0 && !createsTopics) throw internalMissing(missing);
  if (missing.length > 0) await admin.createTopics(missing);
}

/** The partitions of every topic that the tasks are cut by: what is read and what is internal. */
export function expectedCounts(
  { topics }: PartitionCounts,
  internal: readonly CountedTopic[],
): ReadonlyMap<string, number> {
  return new Map([
    ...topics,
    ...internal.map(({ topic, partitions }) => [topic, partitions] as const),
  ]);
}

/**
 * Looks whether somebody has given a topic more partitions since: its keys go elsewhere then.
 *
 * @throws {WorkerError} `PARTITIONING_CHANGED`
 */
export async function checkCounts(
  expected: ReadonlyMap<string, number>,
  { admin }: Log,
): Promise<void> {
  const described = await admin.describeTopics([...expected.keys()]);
  for (const { topic, partitions } of described.values()) {
    const before = expected.get(topic) ?? partitions;
    if (partitions === before) continue;
    throw topicError(
      'PARTITIONING_CHANGED',
      topic,
      `The topic '${topic}' has ${partitions} partitions now, and had ${before} when this worker ` +
        'started: keys would be looked for in other tasks than those that have their state. ' +
        `Use a topic with ${before} partitions, or reset the application.`,
    );
  }
}

/** What an internal topic is made as. */
export function newTopic({ topic, kind, partitions }: CountedTopic): NewTopic {
  if (kind === 'repartition') {
    return { topic, partitions, cleanup: 'delete', settings: repartitionSettings };
  }
  const settings = kind === 'progress' ? progressSettings : changelogSettings;
  return { topic, partitions, cleanup: 'compact', settings };
}

function checkShape(wanted: NewTopic, found: TopicDescription | undefined): void {
  if (found === undefined) return;
  const { topic, partitions, cleanup } = wanted;
  if (found.partitions === partitions && found.cleanup === cleanup) return;
  throw topicError(
    'TOPIC_MISMATCH',
    topic,
    `The internal topic '${topic}' has ${found.partitions} partitions and clean-up ` +
      `'${found.cleanup}'; ${partitions} and '${cleanup}' are needed. Delete it if it is a ` +
      'leftover, or reset the application.',
  );
}

function internalMissing(missing: readonly NewTopic[]): WorkerError {
  const names = missing.map(({ topic }) => `'${topic}'`).join(', ');
  return topicError(
    'TOPIC_MISSING',
    missing[0]?.topic ?? '',
    `Internal topics are missing and internalTopics is 'check': ${names}. Create them first.`,
  );
}

function topicError(code: ErrorCode, topic: string, message: string): WorkerError {
  return new WorkerError(code, message, { where: { topic } });
}
