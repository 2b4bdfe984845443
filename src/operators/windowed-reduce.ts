import type { TimeWindows } from '../core/model/windows.ts';
import type { WindowedAggregationOptions } from './internal/aggregation-options.ts';
import type { Handle } from './internal/handle.ts';
import type { ValueSerdeOption } from './internal/serdes.ts';
import { type Reducer, reduceStep } from './internal/steps.ts';
import { windowedAggregationNode } from './internal/windowed-aggregation-node.ts';

export interface WindowedReduceOptions<K, V>
  extends WindowedAggregationOptions<K, V>, ValueSerdeOption<V> {}

export interface WindowedReduceSpec<K, V> extends WindowedReduceOptions<K, V> {
  readonly reducer: Reducer<V>;
}

export function windowedReduce<K, V>(
  grouped: Handle,
  windows: TimeWindows,
  options: WindowedReduceSpec<K, V>,
): Handle {
  grouped.draft.renamed(options);
  return windowedAggregationNode<K, V, V>(grouped, {
    ...options,
    kind: 'reduce',
    windows,
    step: (node) => reduceStep(node, options.reducer),
  });
}
