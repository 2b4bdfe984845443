import { repartitionTopic } from '../names.ts';
import type { PlanNode, SubTopology, Topology } from '../plan.ts';

/** A topology as boxes and arrows, for the formats that draw it. */
export interface Drawing {
  readonly topics: readonly Box[];
  readonly groups: readonly BoxGroup[];
  readonly arrows: readonly Arrow[];
}

export interface Box {
  readonly id: string;
  readonly lines: readonly string[];
  readonly shape: 'topic' | 'node' | 'store';
}

export interface BoxGroup {
  readonly title: string;
  readonly boxes: readonly Box[];
}

export interface Arrow {
  readonly from: string;
  readonly to: string;
  /** A lookup or the use of a store, not a way of records. */
  readonly isDashed: boolean;
}

/** Names may hold what the formats do not take: boxes are numbered in plan order. */
interface BoxIds {
  /** A repartition node is drawn as its topic alone. */
  readonly node: (node: PlanNode) => string;
  readonly topic: (node: PlanNode) => string;
  readonly store: (name: string) => string;
}

export function drawingOf(topology: Topology): Drawing {
  const topics = [...new Set(topology.nodes.flatMap((node) => topicOf(topology, node) ?? []))];
  const ids = boxIdsOf(topology, topics);
  return {
    topics: topics.map((topic, index) => ({ id: `t${index}`, lines: [topic], shape: 'topic' })),
    groups: topology.subTopologies.map((subTopology) => groupOf(subTopology, ids)),
    arrows: topology.nodes.flatMap((node) => arrowsOf(node, ids)),
  };
}

function boxIdsOf(topology: Topology, topics: readonly string[]): BoxIds {
  const stores = topology.subTopologies.flatMap((part) => part.stores.map(({ name }) => name));
  const topic = (node: PlanNode) => `t${topics.indexOf(topicOf(topology, node) ?? '')}`;
  return {
    topic,
    node: (node) =>
      node.type === 'repartition' ? topic(node) : `n${topology.nodes.indexOf(node)}`,
    store: (name) => `s${stores.indexOf(name)}`,
  };
}

function topicOf({ application }: Topology, node: PlanNode): string | null {
  if (node.type === 'operator') return null;
  if (node.type === 'repartition') return repartitionTopic(application, node.topicName);
  return typeof node.topic === 'string' ? node.topic : '(topic by record)';
}

function groupOf({ id, inputs, nodes, stores }: SubTopology, ids: BoxIds): BoxGroup {
  const members = [...inputs.map(({ node }) => node), ...nodes];
  const drawn = members.filter(({ type }) => type !== 'repartition');
  return {
    title: id,
    boxes: [
      ...drawn.map((node): Box => ({ id: ids.node(node), lines: labelOf(node), shape: 'node' })),
      ...stores.map(({ name }): Box => ({ id: ids.store(name), lines: [name], shape: 'store' })),
    ],
  };
}

function labelOf({ kind, name }: PlanNode): readonly string[] {
  return kind === name ? [name] : [kind, name];
}

function arrowsOf(node: PlanNode, ids: BoxIds): readonly Arrow[] {
  const own = ids.node(node);
  const records = node.parents.map((parent) => arrow(ids.node(parent), own));
  if (node.type === 'source') return [arrow(ids.topic(node), own)];
  if (node.type === 'sink') return [...records, arrow(own, ids.topic(node))];
  if (node.type === 'repartition') return records;
  return [
    ...records,
    ...node.lookups.map((table) => arrow(ids.node(table), own, true)),
    ...node.stores.map(({ name }) => arrow(ids.store(name), own, true)),
  ];
}

function arrow(from: string, to: string, isDashed = false): Arrow {
  return { from, to, isDashed };
}
