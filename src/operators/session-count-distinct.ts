import type { SessionWindows } from '../core/model/session-windows.ts';
import { distinctRows, type DistinctRows } from './internal/distinct-rows.ts';
import type { Handle } from './internal/handle.ts';
import { sessionAggregationNode } from './internal/session-aggregation-node.ts';

export type SessionCountDistinctOptions<K, V, Id> = Omit<DistinctRows<K, V, Id>, 'by'>;

export function sessionCountDistinct<K, V, Id>(
  grouped: Handle,
  windows: SessionWindows,
  options: DistinctRows<K, V, Id>,
): Handle {
  return distinctRows(grouped, options, ({ sets, ...spec }) =>
    sessionAggregationNode<K, V, object>(grouped, {
      ...spec,
      windows,
      merge: () => (earlier, later) => sets.merger(earlier, later),
    }),
  );
}
