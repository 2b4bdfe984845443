import type { TopologyProblem } from '../model/errors.ts';
import { type InternalTopic, internalTopicsOf } from './internal-topics.ts';
import { foldedName, isTopicName } from './names.ts';
import type {
  InputTopic,
  PlanNode,
  RepartitionNode,
  SubTopology,
  TopologySettings,
} from './plan.ts';

/** What shows only once the plan is cut: internal topics and partitioning. */
export function topologyProblems(
  settings: TopologySettings,
  nodes: readonly PlanNode[],
  subTopologies: readonly SubTopology[],
): TopologyProblem[] {
  const internal = internalTopicsOf(settings.application, nodes, subTopologies);
  return [
    ...nodes.flatMap(countProblems),
    ...subTopologies.flatMap(({ copartitioned }) => copartitioned.flatMap(groupProblems)),
    ...subTopologyIdProblems(subTopologies),
    ...internalTopicProblems(internal),
    ...userTopicProblems(settings, nodes, internal),
  ];
}

function countProblems(node: PlanNode): TopologyProblem[] {
  if (node.type !== 'repartition' || node.partitions === null) return [];
  if (Number.isSafeInteger(node.partitions) && node.partitions > 0) return [];
  const message = `'${node.name}' declares ${node.partitions} partitions: take a whole number from 1`;
  return [{ code: 'BAD_OPTION', node: node.name, message }];
}

/** Among the repartition points of a group; what user topics have is known only at start. */
function groupProblems(group: readonly InputTopic[]): TopologyProblem[] {
  const points = group.map(({ node }) => node).filter((node) => node.type === 'repartition');
  const counted = points.filter(({ partitions }) => partitions !== null);
  return [
    ...unequal('partition counts', counted, ({ partitions }) => String(partitions)),
    ...unequal(
      'partitioners',
      points.filter(({ isAddressed }) => !isAddressed),
      ({ partitioner }) => partitioner?.name ?? 'the default',
    ),
  ];
}

function unequal(
  what: string,
  points: readonly RepartitionNode[],
  declared: (point: RepartitionNode) => string,
): TopologyProblem[] {
  const [first, ...others] = points;
  const other = others.find((point) => first !== undefined && declared(point) !== declared(first));
  if (first === undefined || other === undefined) return [];
  const message =
    `'${first.name}' (${declared(first)}) and '${other.name}' (${declared(other)}) meet in one ` +
    `task and have unequal ${what}: declare the same for both`;
  return [{ code: 'NOT_COPARTITIONED', node: other.name, message }];
}

/** A topic and a repartition point of one name can be the least inputs of two sub-topologies. */
function subTopologyIdProblems(subTopologies: readonly SubTopology[]): TopologyProblem[] {
  const first = new Map<string, SubTopology>();
  return subTopologies.flatMap((own): TopologyProblem[] => {
    const other = first.get(foldedName(own.id));
    if (other === undefined) {
      first.set(foldedName(own.id), own);
      return [];
    }
    // One topic read twice is told as such.
    if (reads(own, own.id) && reads(other, own.id)) return [];
    const message =
      `two parts of the topology would be called '${own.id}' and '${other.id}', each after one of ` +
      'its inputs: give the repartition point, or the topic, another name';
    return [{ code: 'DUPLICATE_NAME', ...nodeOf(own.inputs[0]?.node.name), message }];
  });
}

function reads({ inputs }: SubTopology, topic: string): boolean {
  return inputs.some((input) => input.topic === topic);
}

/** Topics of one kind are told apart by the names of their owners, which are checked as such. */
function internalTopicProblems(internal: readonly InternalTopic[]): TopologyProblem[] {
  const first = new Map<string, InternalTopic>();
  return internal.flatMap((own): TopologyProblem[] => {
    const other = first.get(foldedName(own.topic));
    if (other === undefined) first.set(foldedName(own.topic), own);
    if (!isTopicName(own.topic)) {
      const message = `the internal topic '${own.topic.slice(0, 300)}' would be no name of a topic: shorten the names`;
      return [{ code: 'BAD_NAME', ...nodeOf(own.owner), message }];
    }
    if (other === undefined || other.kind === own.kind) return [];
    const message =
      `the ${other.kind} of '${other.owner ?? ''}' and the ${own.kind} of '${own.owner ?? ''}' ` +
      `would both be the topic '${own.topic}': rename one`;
    return [{ code: 'DUPLICATE_NAME', ...nodeOf(own.owner), message }];
  });
}

function userTopicProblems(
  { deadLetterTopic }: TopologySettings,
  nodes: readonly PlanNode[],
  internal: readonly InternalTopic[],
): TopologyProblem[] {
  const own = new Set(internal.map(({ topic }) => foldedName(topic)));
  const used = nodes.flatMap((node) => {
    if (node.type !== 'source' && node.type !== 'sink') return [];
    return typeof node.topic === 'string' ? [{ topic: node.topic, node: node.name }] : [];
  });
  const deadLetters = deadLetterTopic === null ? [] : [{ topic: deadLetterTopic, node: null }];
  return [...used, ...deadLetters].flatMap(({ topic, node }): TopologyProblem[] => {
    if (!own.has(foldedName(topic))) return [];
    const message = `'${topic}' is a topic of the engine itself: read and write another one`;
    return [{ code: 'BAD_NAME', ...nodeOf(node), message }];
  });
}

function nodeOf(node: string | null | undefined): { node?: string } {
  return node === null || node === undefined ? {} : { node };
}
