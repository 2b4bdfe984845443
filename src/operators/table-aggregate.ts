import type { Serde } from '../core/serde/serde.ts';
import { aggregationNode } from './internal/aggregation-node.ts';
import type { AggregationOptions } from './internal/aggregation-options.ts';
import type { GroupedTable } from './internal/grouped-table.ts';
import type { Handle } from './internal/handle.ts';
import type { Pair } from './internal/pair-serde.ts';
import { type TableAggregateCallbacks, tableAggregateStep } from './internal/pair-steps.ts';

export interface TableAggregateOptions<K, V, A>
  extends AggregationOptions, TableAggregateCallbacks<K, V, A> {
  /** The serde of the aggregate. */
  readonly value: Serde<A>;
}

export function tableAggregate<K, V, A>(
  { pairs }: GroupedTable,
  options: TableAggregateOptions<K, V, A>,
): Handle {
  return aggregationNode<K, Pair<unknown, V>, A>(pairs, {
    ...options,
    kind: 'aggregate',
    step: (node) => tableAggregateStep(node, options),
  });
}
