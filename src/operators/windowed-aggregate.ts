import type { TimeWindows } from '../core/model/windows.ts';
import type { Serde } from '../core/serde/serde.ts';
import type { WindowedAggregationOptions } from './internal/aggregation-options.ts';
import type { Handle } from './internal/handle.ts';
import { type AggregateCallbacks, aggregateStep } from './internal/steps.ts';
import { windowedAggregationNode } from './internal/windowed-aggregation-node.ts';

export interface WindowedAggregateOptions<K, V, A>
  extends WindowedAggregationOptions<K, V>, AggregateCallbacks<K, V, A> {
  /** The serde of the aggregate. */
  readonly value: Serde<A>;
}

export function windowedAggregate<K, V, A>(
  grouped: Handle,
  windows: TimeWindows,
  options: WindowedAggregateOptions<K, V, A>,
): Handle {
  grouped.draft.renamed(options);
  return windowedAggregationNode<K, V, A>(grouped, {
    ...options,
    kind: 'aggregate',
    windows,
    step: (node) => aggregateStep(node, options),
  });
}
