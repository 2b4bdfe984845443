import { byName, repartitionTopic } from '../names.ts';
import type { PlanNode, RepartitionNode, SinkNode, SubTopology, Topology } from '../plan.ts';

/**
 * The shape of Kafka Streams' `Topology.describe()`, which tools read. A repartition node shows as
 * the sink that writes its topic and the source that reads it.
 */
export function describeAsText(topology: Topology): string {
  const parts = topology.subTopologies.map((subTopology) => partText(topology, subTopology));
  return ['Topologies:', ...parts].join('\n') + '\n';
}

function partText(topology: Topology, { id, inputs, nodes }: SubTopology): string {
  const isRead = new Set<PlanNode>(inputs.map(({ node }) => node));
  const members = new Set<PlanNode>([...isRead, ...nodes]);
  const children = (node: PlanNode) =>
    topology.nodes.filter((other) => members.has(other) && other.parents.includes(node));
  const sources = inputs.map(({ topic, node }) => [
    `    Source: ${readName(node)} (topics: [${topic}])`,
    `      --> ${names(children(node), writtenName)}`,
  ]);
  const others = nodes.map((node) => [
    `    ${nodeHead(topology.application, node)}`,
    ...(node.type === 'operator' ? [`      --> ${names(children(node), writtenName)}`] : []),
    `      <-- ${names(node.parents, readName)}`,
  ]);
  return [`   Sub-topology: ${id}`, ...sources.flat(), ...others.flat(), ''].join('\n');
}

function nodeHead(application: string, node: PlanNode): string {
  if (node.type === 'source') return readName(node);
  if (node.type === 'operator') {
    const stores = node.stores.map(({ name }) => name).sort(byName);
    return `Processor: ${node.name} (stores: [${stores.join(', ')}])`;
  }
  return `Sink: ${writtenName(node)} (topic: ${sinkTopic(application, node)})`;
}

function sinkTopic(application: string, node: SinkNode | RepartitionNode): string {
  if (node.type === 'sink') return typeof node.topic === 'string' ? node.topic : 'by record';
  return repartitionTopic(application, node.topicName);
}

function readName(node: PlanNode): string {
  return node.type === 'repartition' ? `${node.topicName}-source` : node.name;
}

function writtenName(node: PlanNode): string {
  return node.type === 'repartition' ? `${node.topicName}-sink` : node.name;
}

function names(nodes: readonly PlanNode[], nameOf: (node: PlanNode) => string): string {
  return nodes.length === 0 ? 'none' : nodes.map(nameOf).join(', ');
}
