import type { TopologyProblem } from '../../core/model/errors.ts';
import type { PlanNode } from '../../core/topology/plan.ts';
import type { Handles } from './handle.ts';

/** The plan while it is written: nodes in order of declaration, and what is wrong with them. */
export interface Draft {
  readonly handles: Handles;
  readonly nodes: PlanNode[];
  readonly problems: TopologyProblem[];
  add<Node extends PlanNode>(node: Node): Node;
  /** A name for a node that owns neither state nor a topic: `filter-1`, `filter-2`, ... */
  generateName(kind: string): string;
}

export function createDraft(handles: Handles): Draft {
  const nodes: PlanNode[] = [];
  const counts = new Map<string, number>();
  return {
    handles,
    nodes,
    problems: [],
    add(node) {
      nodes.push(node);
      return node;
    },
    generateName(kind) {
      const count = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, count);
      return `${kind}-${count}`;
    },
  };
}
