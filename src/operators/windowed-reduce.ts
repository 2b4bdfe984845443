import type { SlidingWindows } from '../core/model/sliding-windows.ts';
import type { TimeWindows } from '../core/model/windows.ts';
import type { WindowedAggregationOptions } from './internal/aggregation-options.ts';
import { cutIntoWindows } from './internal/cut-into-windows.ts';
import type { WindowedEmitPolicy } from './internal/emit.ts';
import type { Handle } from './internal/handle.ts';
import type { ValueSerdeOption } from './internal/serdes.ts';
import { type Reducer, reduceStep } from './internal/steps.ts';

export interface WindowedReduceOptions<K, V, Emit extends WindowedEmitPolicy = WindowedEmitPolicy>
  extends WindowedAggregationOptions<K, V, Emit>, ValueSerdeOption<V> {}

export interface WindowedReduceSpec<K, V> extends WindowedReduceOptions<K, V> {
  readonly reducer: Reducer<V>;
}

export function windowedReduce<K, V>(
  grouped: Handle,
  windows: TimeWindows | SlidingWindows,
  options: WindowedReduceSpec<K, V>,
): Handle {
  return cutIntoWindows<K, V, V>(grouped, {
    ...options,
    kind: 'reduce',
    windows,
    step: (node) => reduceStep(node, options.reducer),
  });
}
