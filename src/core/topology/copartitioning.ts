import type { InputTopic, OperatorNode, PlanNode } from './plan.ts';
import { UnionFind } from './union-find.ts';

/**
 * Groups of two and more inputs that must be partitioned alike, because records of one key must
 * reach one task: those that meet in a join, and those that meet in a store.
 */
export function copartitionedInputs(
  inputs: readonly InputTopic[],
  operators: readonly OperatorNode[],
): readonly (readonly InputTopic[])[] {
  const byNode = new Map<PlanNode, InputTopic>(inputs.map((input) => [input.node, input]));
  const meeting = new UnionFind<unknown>();
  for (const operator of operators) {
    if (!meetsByKey(operator)) continue;
    // An operator, its stores and the inputs that reach it form one set.
    for (const store of operator.stores) meeting.join(store, operator);
    for (const node of inputsOf(operator, byNode)) meeting.join(byNode.get(node), operator);
  }
  const groups = meeting.groups(inputs) as InputTopic[][]; // grouped are the inputs given
  return groups.filter((group) => group.length > 1);
}

function meetsByKey({ isCopartitioned, stores, lookups }: OperatorNode): boolean {
  return isCopartitioned || stores.length > 0 || lookups.some(({ type }) => type !== 'global');
}

/** The inputs whose records, or whose rows by look-up, reach the node. */
function inputsOf(
  operator: OperatorNode,
  inputs: ReadonlyMap<PlanNode, InputTopic>,
): ReadonlySet<PlanNode> {
  const found = new Set<PlanNode>();
  const seen = new Set<PlanNode>();
  const open: PlanNode[] = [operator];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (node.type === 'source' || (node.type === 'repartition' && inputs.has(node))) {
      found.add(node);
      continue;
    }
    open.push(...node.parents);
    if (node.type === 'operator') open.push(...node.lookups);
  }
  return found;
}
