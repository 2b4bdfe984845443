import type { Serde } from '../core/serde/serde.ts';
import { aggregationNode } from './internal/aggregation-node.ts';
import type { AggregationOptions } from './internal/aggregation-options.ts';
import type { Handle } from './internal/handle.ts';
import { type AggregateCallbacks, aggregateStep } from './internal/steps.ts';

export interface AggregateOptions<K, V, A> extends AggregationOptions, AggregateCallbacks<K, V, A> {
  /** The serde of the aggregate. */
  readonly value: Serde<A>;
}

export function aggregate<K, V, A>(grouped: Handle, options: AggregateOptions<K, V, A>): Handle {
  return aggregationNode<K, V, A>(grouped, {
    ...options,
    kind: 'aggregate',
    step: (node) => aggregateStep(node, options),
  });
}
