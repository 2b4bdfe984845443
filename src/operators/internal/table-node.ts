import type { PlanNode, TableNode } from '../../core/topology/plan.ts';

/** How far back a table keeps versions; null if it keeps none. */
export function historyOf(table: PlanNode): number | null {
  return tableNodeOf(table)?.historyMs ?? null;
}

/** Why a lookup would not see the rows of a table; null if it does. */
export function notVisibleOf(table: PlanNode): string | null {
  return tableNodeOf(table)?.notVisible ?? null;
}

function tableNodeOf(node: PlanNode): TableNode | null {
  return node.type === 'operator' ? node.table : null;
}
