import { isDeepStrictEqual } from 'node:util';
import type { Change, Row, StreamRecord } from '../model/record.ts';
import type { PlanNode, TableLookup } from '../topology/plan.ts';

/** The change that a table hands to its children, one after the other. */
export class PassingChange {
  private record: StreamRecord<unknown, Change<unknown>> | null = null;
  /** Of the child that has it now. */
  private index = 0;

  constructor(private readonly children: readonly PlanNode[]) {}

  reaches(index: number, record: StreamRecord<unknown, unknown>): void {
    this.record = record as StreamRecord<unknown, Change<unknown>>; // of a table
    this.index = index;
  }

  end(): void {
    this.record = null;
  }

  /** The lookup as a table below sees it: without a change that is not yet on its way there. */
  seenFrom(table: PlanNode, find: TableLookup): TableLookup {
    const above = withParents([table]);
    const own = this.children.findIndex((child) => above.has(child));
    if (own <= 0) return find;
    return (key, asOfMs) => {
      const { record, index } = this;
      if (record === null || index >= own || !isSameKey(record.key, key)) return find(key, asOfMs);
      if (asOfMs !== undefined && asOfMs < record.timestamp) return find(key, asOfMs);
      return rowBefore(record);
    };
  }
}

/** The tables that hand a change to others before one that is looked up, by their nodes. */
export function passingChanges(
  nodes: readonly PlanNode[],
  childrenOf: (plan: PlanNode) => readonly PlanNode[],
): ReadonlyMap<PlanNode, PassingChange> {
  const lookedUp = withParents(nodes.flatMap((node) => ('lookups' in node ? node.lookups : [])));
  return new Map(
    nodes.flatMap((node) => {
      if (node.type !== 'operator' || node.table === null) return [];
      const children = childrenOf(node);
      const isNeeded = children.slice(1).some((child) => lookedUp.has(child));
      return isNeeded ? [[node, new PassingChange(children)] as const] : [];
    }),
  );
}

function withParents(nodes: readonly PlanNode[]): ReadonlySet<PlanNode> {
  const seen = new Set<PlanNode>();
  const open = [...nodes];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next) || next.type === 'repartition') continue;
    seen.add(next);
    open.push(...next.parents);
  }
  return seen;
}

/** Where the key was not changed on the way it is the same one, so this is seldom asked in full. */
function isSameKey(one: unknown, other: unknown): boolean {
  return one === other || isDeepStrictEqual(one, other);
}

function rowBefore({
  value: { oldValue },
  timestamp,
}: StreamRecord<unknown, Change<unknown>>): Row<unknown> | null {
  return oldValue === null ? null : { value: oldValue, timestamp };
}
