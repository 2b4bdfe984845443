import type { TopologyProblem } from '../../core/model/errors.ts';
import type { PlanNode } from '../../core/topology/plan.ts';
import type { Handles } from './handle.ts';
import type { Renamable } from './renamable.ts';

/** The plan while it is written: nodes in order of declaration, and what is wrong with them. */
export interface Draft {
  readonly handles: Handles;
  readonly nodes: PlanNode[];
  readonly problems: TopologyProblem[];
  /** Old names by new ones. */
  readonly renames: Map<string, string>;
  add<Node extends PlanNode>(node: Node): Node;
  /** A name for a node that owns neither state nor a topic: `filter-1`, `filter-2`, ... */
  generateName(kind: string): string;
  /** Notes what an author says of a name: it had another one before. */
  renamed(options: Renamable & { readonly name?: string }): void;
}

export function createDraft(handles: Handles): Draft {
  const nodes: PlanNode[] = [];
  const counts = new Map<string, number>();
  const renames = new Map<string, string>();
  return {
    renames,
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
    renamed({ name, renamedFrom }) {
      if (name !== undefined && renamedFrom !== undefined) renames.set(name, renamedFrom);
    },
  };
}
