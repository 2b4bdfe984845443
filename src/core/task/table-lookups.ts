import { invariant } from '../model/invariant.ts';
import type { Row } from '../model/record.ts';
import type { LookupContext, OperatorNode, PlanNode } from '../topology/plan.ts';
import type { EventClock } from './event-clock.ts';
import type { TaskInspection } from './inspection.ts';
import type { LocalState } from './state-port.ts';

/** Opens the lookup of a table node and, through it, those of its parents; each once. */
export function tableLookups(
  state: LocalState,
  eventClock: EventClock,
  inspection?: TaskInspection,
): (table: PlanNode) => (key: unknown) => Row<unknown> | null {
  const opened = new Map<PlanNode, (key: unknown) => Row<unknown> | null>();
  const context: LookupContext = {
    store: (definition) => state.store(definition),
    lookup,
    closedMs: (node) => eventClock.closedMs(node.name),
  };
  function lookup(table: PlanNode): (key: unknown) => Row<unknown> | null {
    const known = opened.get(table);
    if (known !== undefined) return known;
    const { table: tableNode } = table as OperatorNode; // tables are operator nodes
    invariant(tableNode, `Node '${table.name}' is no table.`);
    const find = tableNode.open(context);
    const open = inspection === undefined ? find : (key: unknown) => inspection.value(find(key));
    opened.set(table, open);
    return open;
  }
  return lookup;
}
