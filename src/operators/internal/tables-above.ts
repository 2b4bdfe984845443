import type { PlanNode } from '../../core/topology/plan.ts';

/**
 * Whether a change of one table can reach both nodes within one record: they then have a table in
 * common, above them or one of them itself, with no internal topic in between.
 */
export function haveCommonTable(one: PlanNode, other: PlanNode): boolean {
  const above = tablesAbove(one);
  return [...tablesAbove(other)].some((table) => above.has(table));
}

function tablesAbove(node: PlanNode): ReadonlySet<PlanNode> {
  const seen = new Set<PlanNode>();
  const open: PlanNode[] = [node];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next) || next.type === 'repartition') continue;
    seen.add(next);
    open.push(...next.parents);
  }
  return new Set([...seen].filter((seenNode) => seenNode.type === 'operator' && seenNode.table));
}
