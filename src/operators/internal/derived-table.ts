import type { Change } from '../../core/model/record.ts';
import type { Handle } from './handle.ts';
import { operatorNode } from './node.ts';
import { historyOf, notVisibleOf } from './table-node.ts';

/** The value of a derived row; null where there is none. Given the name of the node. */
export type Derive<K, V, VOut> = (value: V, key: K) => VOut | null;

/** A table whose rows are a function of its parent's rows; it keeps none of its own. */
export function derivedTable<K, V, VOut>(
  table: Handle,
  kind: string,
  derivation: (node: string) => Derive<K, V, VOut>,
): Handle {
  const { draft, node: parent } = table;
  const name = draft.generateName(kind);
  const derive = derivation(name);
  const node = operatorNode<K, Change<V>, K, Change<VOut>>({
    kind,
    name,
    parents: [parent],
    table: {
      notVisible: notVisibleOf(parent),
      historyMs: historyOf(parent),
      open(context) {
        const find = context.lookup(parent);
        return (key, asOfMs) => {
          const row = find(key, asOfMs);
          if (row === null) return null;
          const value = derive(row.value as V, key as K); // a row of the parent
          return value === null ? null : { value, timestamp: row.timestamp };
        };
      },
    },
    createProcessor: (context) => ({
      process({ key, value: { oldValue, newValue }, timestamp, headers }) {
        const before = oldValue === null ? null : derive(oldValue, key);
        const after = newValue === null ? null : derive(newValue, key);
        if (before === null && after === null) return;
        context.forward({ key, value: { oldValue: before, newValue: after }, timestamp, headers });
      },
    }),
  });
  return { ...table, node: draft.add(node) };
}
