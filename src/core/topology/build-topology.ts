import { TopologyError, type TopologyProblem } from '../model/errors.ts';
import { invariant } from '../model/invariant.ts';
import { frozenTopology } from './frozen-topology.ts';
import { planProblems } from './plan-problems.ts';
import type { PlanNode, Topology, TopologySettings } from './plan.ts';
import { renameProblems } from './renames.ts';
import { subTopologiesOf } from './sub-topologies.ts';
import { topologyProblems } from './topology-problems.ts';

/**
 * Checks a plan and freezes it. `nodes` in the order of declaration, every parent among them;
 * `problems`: what was already found while the plan was made.
 *
 * @throws {TopologyError} with every problem at once.
 */
export function buildTopology(
  settings: TopologySettings,
  nodes: readonly PlanNode[],
  problems: readonly TopologyProblem[] = [],
  renames: ReadonlyMap<string, string> = new Map(),
): Topology {
  checkPlan(nodes);
  const subTopologies = subTopologiesOf(settings.application, nodes);
  const found = [
    ...problems,
    ...planProblems(settings, nodes),
    ...topologyProblems(settings, nodes, subTopologies),
    ...renameProblems(nodes, renames),
  ];
  if (found.length > 0) throw new TopologyError(found);
  return frozenTopology(settings, nodes, { subTopologies, renames });
}

function checkPlan(nodes: readonly PlanNode[]): void {
  const known = new Set(nodes);
  for (const node of nodes) {
    const needed = node.type === 'operator' ? [...node.parents, ...node.lookups] : node.parents;
    invariant(
      needed.every((other) => known.has(other)),
      `node '${node.name}' has a parent or lookup that is not in the plan`,
    );
    invariant(
      (node.type === 'source' || node.type === 'global') === (node.parents.length === 0),
      `node '${node.name}': sources, and only sources, have no parents`,
    );
  }
}
