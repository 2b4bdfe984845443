import { aggregationNode } from './internal/aggregation-node.ts';
import type { AggregationOptions } from './internal/aggregation-options.ts';
import type { Handle } from './internal/handle.ts';
import type { ValueSerdeOption } from './internal/serdes.ts';
import { type Reducer, reduceStep } from './internal/steps.ts';

export interface ReduceOptions<V> extends AggregationOptions, ValueSerdeOption<V> {}

export function reduce<V>(grouped: Handle, reducer: Reducer<V>, options: ReduceOptions<V>): Handle {
  return aggregationNode<unknown, V, V>(grouped, {
    ...options,
    kind: 'reduce',
    step: (node) => reduceStep(node, reducer),
  });
}
