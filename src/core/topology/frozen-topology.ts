import { describeTopology } from './describe.ts';
import type { PlanNode, SubTopology, Topology, TopologySettings } from './plan.ts';

/** A topology of checked parts, frozen as deep as it is plain data. */
export function frozenTopology(
  { application, deadLetterTopic, deadLetterDrops, breaker, stack }: TopologySettings,
  nodes: readonly PlanNode[],
  { subTopologies, renames }: Pick<Topology, 'subTopologies' | 'renames'>,
): Topology {
  const topology: Topology = {
    application,
    deadLetterTopic,
    deadLetterDrops: deadLetterDrops === 'all' ? 'all' : Object.freeze([...deadLetterDrops]),
    breaker,
    stack,
    nodes: Object.freeze(nodes.map(freezeNode)),
    subTopologies: Object.freeze(subTopologies.map(freezeSubTopology)),
    renames,
    describe: ({ as = 'text' } = {}) => describeTopology(topology, as),
  };
  return Object.freeze(topology);
}

function freezeNode(node: PlanNode): PlanNode {
  Object.freeze(node.parents);
  freezeDeep(node.detail);
  if (node.type === 'operator') {
    Object.freeze(node.lookups);
    Object.freeze(node.stores);
  }
  return Object.freeze(node);
}

function freezeDeep(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  Object.values(value).forEach(freezeDeep);
}

function freezeSubTopology(subTopology: SubTopology): SubTopology {
  for (const input of subTopology.inputs) Object.freeze(input);
  for (const group of subTopology.copartitioned) Object.freeze(group);
  Object.freeze(subTopology.inputs);
  Object.freeze(subTopology.nodes);
  Object.freeze(subTopology.stores);
  Object.freeze(subTopology.copartitioned);
  return Object.freeze(subTopology);
}
