import type { AnyStoreDefinition } from '../task/state-port.ts';
import { copartitionedInputs } from './copartitioning.ts';
import { byName, repartitionTopic } from './names.ts';
import type { InputTopic, PlanNode, RepartitionNode, SourceNode, SubTopology } from './plan.ts';
import { UnionFind } from './union-find.ts';

/**
 * A node as one sub-topology sees it. A repartition node is two: what is written, an output of one
 * sub-topology, and what is read back, an input of another (or the same).
 */
interface Part {
  readonly node: PlanNode;
  readonly isInput: boolean;
}

interface Parts {
  readonly all: readonly Part[];
  /** What a child of the node is connected to. */
  readonly readFrom: (node: PlanNode) => Part;
  readonly written: (node: PlanNode) => Part;
}

/** The plan cut where records are repartitioned, in the order of the first node of each part. */
export function subTopologiesOf(
  application: string,
  nodes: readonly PlanNode[],
): readonly SubTopology[] {
  const parts = partsOf(nodes);
  const connected = new UnionFind<Part>();
  for (const { node } of parts.all) joinNeighbours(node, parts, connected);
  joinStoreSharers(nodes, parts, connected);
  return connected
    .groups(parts.all)
    .map((group) => subTopologyOf(application, group, parts))
    .sort((a, b) => byName(a.id, b.id));
}

function partsOf(nodes: readonly PlanNode[]): Parts {
  const inputs = new Map<PlanNode, Part>();
  const others = new Map<PlanNode, Part>();
  const hasReaders = new Set(nodes.flatMap((node) => node.parents));
  for (const node of nodes) {
    if (node.type === 'source') inputs.set(node, { node, isInput: true });
    else others.set(node, { node, isInput: false });
    if (node.type === 'repartition' && hasReaders.has(node)) {
      inputs.set(node, { node, isInput: true });
    }
  }
  return {
    all: nodes.flatMap((node) => [inputs.get(node) ?? [], others.get(node) ?? []].flat()),
    readFrom: (node) => partOf(node, inputs, others),
    written: (node) => partOf(node, others, inputs),
  };
}

function partOf(
  node: PlanNode,
  first: ReadonlyMap<PlanNode, Part>,
  second: ReadonlyMap<PlanNode, Part>,
): Part {
  return (first.get(node) ?? second.get(node)) as Part; // every node of the plan has a part
}

function joinNeighbours(node: PlanNode, parts: Parts, connected: UnionFind<Part>): void {
  const own = parts.written(node);
  for (const parent of node.parents) connected.join(parts.readFrom(parent), own);
  if (node.type !== 'operator') return;
  for (const table of node.lookups) connected.join(parts.readFrom(table), own);
}

function joinStoreSharers(
  nodes: readonly PlanNode[],
  parts: Parts,
  connected: UnionFind<Part>,
): void {
  const firstUser = new Map<AnyStoreDefinition, PlanNode>();
  for (const node of nodes) {
    if (node.type !== 'operator') continue;
    for (const store of node.stores) {
      const first = firstUser.get(store);
      if (first === undefined) firstUser.set(store, node);
      else connected.join(parts.written(first), parts.written(node));
    }
  }
}

function subTopologyOf(application: string, group: readonly Part[], parts: Parts): SubTopology {
  const inputs = group
    .filter(({ isInput }) => isInput)
    .map(({ node }) => inputTopic(application, node as SourceNode | RepartitionNode)) // inputs are
    .sort(byTopicOrder);
  const nodes = group.filter(({ isInput }) => !isInput).map(({ node }) => node);
  const operators = nodes.filter((node) => node.type === 'operator');
  return {
    id: inputs.map(shortName).sort(byName)[0] ?? '',
    inputs,
    nodes,
    stores: [...new Set(operators.flatMap(({ stores }) => stores))],
    hasTimers: operators.some(({ hasTimers }) => hasTimers),
    copartitioned: copartitionedInputs(inputs, operators),
    timeDomains: timeDomainsOf(inputs, group, parts),
  };
}

function inputTopic(application: string, node: SourceNode | RepartitionNode): InputTopic {
  const topic = node.type === 'source' ? node.topic : repartitionTopic(application, node.topicName);
  return { topic, node };
}

/** Stable: sources stay in the order of declaration. */
function byTopicOrder({ node: a }: InputTopic, { node: b }: InputTopic): number {
  if (a.type === 'repartition' && b.type === 'repartition') return byName(a.name, b.name);
  return topicRank(a) - topicRank(b);
}

function topicRank(node: SourceNode | RepartitionNode): number {
  if (node.type === 'repartition') return 2;
  return node.isTable ? 0 : 1;
}

/** A user's topic as it is called, a repartition topic by the name its author gave. */
function shortName({ topic, node }: InputTopic): string {
  return node.type === 'repartition' ? node.name : topic;
}

/** Time follows records in their turn: not lookups, shared stores, or the results of calls. */
function timeDomainsOf(
  inputs: readonly InputTopic[],
  group: readonly Part[],
  parts: Parts,
): ReadonlyMap<string, number> {
  const connected = new UnionFind<Part>();
  for (const part of group) {
    if (part.isInput) continue;
    for (const parent of part.node.parents) {
      if (!hasCalls(parent)) connected.join(parts.readFrom(parent), part);
    }
  }
  const inTopicOrder = inputs.map(({ node }) => parts.readFrom(node));
  const domains = new Map<string, number>();
  connected.groups([...inTopicOrder, ...group]).forEach((domain, number) => {
    // A repartition node that is written and read here: the side that is read has the time.
    for (const { node, isInput } of domain) {
      if (isInput || !inputs.some((input) => input.node === node)) domains.set(node.name, number);
    }
  });
  return domains;
}

function hasCalls(node: PlanNode): boolean {
  return node.type === 'operator' && node.calls !== null;
}
