import { TopologyError, type TopologyProblem } from '../model/errors.ts';
import { type InternalTopic, internalTopicsOf } from './internal-topics.ts';
import { repartitionTopic } from './names.ts';
import type { InputTopic, RepartitionNode, SubTopology, Topology } from './plan.ts';

export interface PartitionCounts {
  /** Of the user topics that are read and of the repartition topics. */
  readonly topics: ReadonlyMap<string, number>;
  /** How many tasks a sub-topology has, by its id: the greatest count of its inputs. */
  readonly tasks: ReadonlyMap<string, number>;
}

/** An internal topic with the partitions it must have. */
export interface CountedTopic extends InternalTopic {
  readonly partitions: number;
}

/**
 * Partitions of every repartition topic, given those of the user topics. A repartition topic has
 * what it declares; else the count of the topics it must be partitioned like; else as many as its
 * writers have tasks.
 *
 * @throws {TopologyError} `TOPIC_MISSING`, `NOT_COPARTITIONED`: all there are.
 */
export function partitionCounts(
  topology: Topology,
  userTopics: ReadonlyMap<string, number>,
): PartitionCounts {
  throwIfAny(missingTopics(topology, userTopics));
  const topics = new Map<string, number>();
  for (const node of topology.nodes) {
    if (node.type === 'source') topics.set(node.topic, userTopics.get(node.topic) ?? 0);
    if (node.type !== 'repartition' || node.partitions === null) continue;
    topics.set(repartitionTopic(topology.application, node.topicName), node.partitions);
  }
  throwIfAny(conflicts(topology, topics));
  resolve(topology, topics);
  return {
    topics,
    tasks: new Map(topology.subTopologies.map((part) => [part.id, tasksOf(part, topics)])),
  };
}

/** Every internal topic with its partitions: one per task that writes it. */
export function countedTopics(
  topology: Topology,
  { topics, tasks }: PartitionCounts,
): readonly CountedTopic[] {
  const { application, nodes, subTopologies } = topology;
  return internalTopicsOf(application, nodes, subTopologies).map((internal) => {
    const count = internal.subTopology === null ? undefined : tasks.get(internal.subTopology);
    return { ...internal, partitions: count ?? topics.get(internal.topic) ?? 1 };
  });
}

function missingTopics(
  { nodes }: Topology,
  userTopics: ReadonlyMap<string, number>,
): TopologyProblem[] {
  return nodes.flatMap((node): TopologyProblem[] => {
    if (node.type !== 'source' || userTopics.has(node.topic)) return [];
    const message = `the topic '${node.topic}' of '${node.name}' does not exist: create it first`;
    return [{ code: 'TOPIC_MISSING', node: node.name, message }];
  });
}

/** Known so far are the user's topics and the declared counts. */
function conflicts(
  { subTopologies }: Topology,
  topics: ReadonlyMap<string, number>,
): TopologyProblem[] {
  const groups = subTopologies.flatMap(({ copartitioned }) => copartitioned);
  return groups.flatMap((group): TopologyProblem[] => {
    const known = group.filter(({ topic }) => topics.has(topic));
    if (new Set(known.map(({ topic }) => topics.get(topic))).size <= 1) return [];
    const list = known.map(({ topic }) => `'${topic}' has ${topics.get(topic) ?? 0}`).join(', ');
    const message =
      `topics whose records meet by key need equal partition counts, but ${list}: ` +
      'repartition one of them, or create the topics with equal counts';
    return [{ code: 'NOT_COPARTITIONED', ...nodeOf(known[0]), message }];
  });
}

function nodeOf(input: InputTopic | undefined): { node?: string } {
  return input === undefined ? {} : { node: input.node.name };
}

/**
 * Raises the counts that are open until nothing changes. It ends: a count only grows, and is at
 * most the greatest one that was given.
 */
function resolve(topology: Topology, topics: Map<string, number>): void {
  const open = openTopics(topology, topics);
  for (let changed = true; changed;) {
    changed = false;
    for (const { topic, writers, alike } of open) {
      const counts = [...writers.map((part) => tasksOf(part, topics)), ...known(alike, topics)];
      const given = alike.find((other) => !open.some((entry) => entry.topic === other));
      const count = given === undefined ? Math.max(1, ...counts) : (topics.get(given) ?? 1);
      changed ||= topics.get(topic) !== count;
      topics.set(topic, count);
    }
  }
}

interface OpenTopic {
  readonly topic: string;
  readonly writers: readonly SubTopology[];
  /** Topics that need the same count. */
  readonly alike: readonly string[];
}

function openTopics(
  { application, nodes, subTopologies }: Topology,
  topics: ReadonlyMap<string, number>,
): readonly OpenTopic[] {
  const points = nodes.filter((node) => node.type === 'repartition');
  const groups = subTopologies.flatMap(({ copartitioned }) => copartitioned);
  const openTopic = (point: RepartitionNode): OpenTopic => {
    const topic = repartitionTopic(application, point.topicName);
    const group = groups.find((inputs) => inputs.some(({ node }) => node === point)) ?? [];
    return {
      topic,
      writers: subTopologies.filter((part) => part.nodes.includes(point)),
      alike: group.map((input) => input.topic).filter((other) => other !== topic),
    };
  };
  return points.map(openTopic).filter(({ topic }) => !topics.has(topic));
}

function known(names: readonly string[], topics: ReadonlyMap<string, number>): number[] {
  return names.flatMap((name) => topics.get(name) ?? []);
}

function tasksOf({ inputs }: SubTopology, topics: ReadonlyMap<string, number>): number {
  return Math.max(0, ...inputs.map(({ topic }) => topics.get(topic) ?? 0));
}

function throwIfAny(problems: readonly TopologyProblem[]): void {
  if (problems.length > 0) throw new TopologyError(problems);
}
