import { invariant } from '../model/invariant.ts';
import type {
  GlobalNode,
  LookupContext,
  PlanNode,
  SubTopology,
  TableLookup,
} from '../topology/plan.ts';
import type { EventClock } from './event-clock.ts';
import type { TaskInspection } from './inspection.ts';
import type { PassingChange } from './passing-changes.ts';
import type { LocalState, StreamClock } from './state-port.ts';

export interface LookupParts {
  readonly subTopology: SubTopology;
  readonly state: LocalState;
  readonly eventClock: EventClock;
  readonly passing: ReadonlyMap<PlanNode, PassingChange>;
  readonly inspection?: TaskInspection;
  readonly globalLookup?: (table: GlobalNode) => TableLookup;
}

/** Opens the lookup of a table node and, through it, those of its parents; each once. */
export function tableLookups(parts: LookupParts): (table: PlanNode) => TableLookup {
  const { subTopology, state, eventClock, inspection } = parts;
  const opened = new Map<PlanNode, TableLookup>();
  /** Time is the table's own: whoever looks a row up may be in another domain. */
  const contextOf = (table: PlanNode): LookupContext => {
    const domain = subTopology.timeDomains.get(table.name) ?? 0;
    const clock: StreamClock = {
      get streamTimeMs() {
        return eventClock.streamTimeMs(domain);
      },
    };
    return {
      store(definition) {
        const store = state.store(definition);
        return definition.withTime?.(store, clock) ?? store;
      },
      lookup(parent) {
        const find = lookup(parent);
        return parts.passing.get(parent)?.seenFrom(table, find) ?? find;
      },
      closedMs: (node) => eventClock.closedMs(node.name),
    };
  };
  const finderOf = (table: PlanNode): TableLookup => {
    if (table.type === 'global') {
      invariant(parts.globalLookup, 'Whoever runs tasks keeps the global tables.');
      return parts.globalLookup(table);
    }
    const tableNode = table.type === 'operator' ? table.table : null;
    invariant(tableNode, `Node '${table.name}' is no table.`);
    return tableNode.open(contextOf(table));
  };
  function lookup(table: PlanNode): TableLookup {
    const known = opened.get(table);
    if (known !== undefined) return known;
    const find = finderOf(table);
    const open: TableLookup =
      inspection === undefined ? find : (key, asOfMs) => inspection.value(find(key, asOfMs));
    opened.set(table, open);
    return open;
  }
  return lookup;
}
