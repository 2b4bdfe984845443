import { aggregationNode } from './internal/aggregation-node.ts';
import type { AggregationOptions } from './internal/aggregation-options.ts';
import type { Handle } from './internal/handle.ts';
import type { ValueSerdeOption } from './internal/serdes.ts';
import { type Reducer, reduceStep } from './internal/steps.ts';

export interface ReduceOptions<V> extends AggregationOptions, ValueSerdeOption<V> {}

export function reduce<V>(grouped: Handle, reducer: Reducer<V>, options: ReduceOptions<V>): Handle {
  const { name, value, emit, timeToLive, onError } = options;
  grouped.draft.renamed(options);
  return aggregationNode<unknown, V, V>(grouped, {
    kind: 'reduce',
    name,
    value,
    emit,
    timeToLive,
    onError,
    step: (node) => reduceStep(node, reducer),
  });
}
