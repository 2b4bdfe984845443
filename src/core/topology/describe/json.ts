import { formatText } from '../../model/format-text.ts';
import type { AnyStoreDefinition } from '../../task/state-port.ts';
import type { InputTopic, PlanNode, SubTopology, Topology } from '../plan.ts';

/** For programs: fields may be added, none changes its meaning. */
export function describeAsJson(topology: Topology): string {
  const description = {
    application: topology.application,
    deadLetterTopic: topology.deadLetterTopic,
    nodes: topology.nodes.map(nodeData),
    subTopologies: topology.subTopologies.map(subTopologyData),
  };
  return JSON.stringify(description, null, 2) + '\n';
}

function subTopologyData({ id, inputs, nodes, stores, copartitioned, ...rest }: SubTopology) {
  return {
    id,
    inputs: inputs.map(({ topic, node }) => ({ topic, node: node.name })),
    nodes: nodes.map(({ name }) => name),
    stores: stores.map(storeData),
    hasTimers: rest.hasTimers,
    copartitioned: copartitioned.map((group) => group.map(({ topic }: InputTopic) => topic)),
    timeDomains: Object.fromEntries(rest.timeDomains),
  };
}

function nodeData(node: PlanNode) {
  const { name, kind, type, detail } = node;
  const parents = node.parents.map((parent) => parent.name);
  return { name, kind, type, parents, ...typeData(node), detail };
}

function typeData(node: PlanNode) {
  if (node.type === 'operator') {
    const stores = node.stores.map((store) => store.name);
    return { stores, lookups: node.lookups.map((table) => table.name) };
  }
  const formats = { key: formatText(node.key), value: formatText(node.value) };
  if (node.type === 'source') return { topic: node.topic, isTable: node.isTable, ...formats };
  if (node.type === 'global') return { topic: node.topic, stores: [node.rows.name], ...formats };
  const partitioner = node.partitioner?.name ?? null;
  if (node.type === 'repartition') return { partitions: node.partitions, partitioner, ...formats };
  return { topic: typeof node.topic === 'string' ? node.topic : null, partitioner, ...formats };
}

function storeData({ name, schema: { kind, key, value, detail } }: AnyStoreDefinition) {
  return { name, kind, key: formatText(key), value: formatText(value), detail };
}
