import type { SlidingWindows } from '../core/model/sliding-windows.ts';
import type { TimeWindows } from '../core/model/windows.ts';
import type { Serde } from '../core/serde/serde.ts';
import type { WindowedAggregationOptions } from './internal/aggregation-options.ts';
import { cutIntoWindows } from './internal/cut-into-windows.ts';
import type { WindowedEmitPolicy } from './internal/emit.ts';
import type { Handle } from './internal/handle.ts';
import { type AggregateCallbacks, aggregateStep } from './internal/steps.ts';

export interface WindowedAggregateOptions<
  K,
  V,
  A,
  Emit extends WindowedEmitPolicy = WindowedEmitPolicy,
>
  extends WindowedAggregationOptions<K, V, Emit>, AggregateCallbacks<K, V, A> {
  /** The serde of the aggregate. */
  readonly value: Serde<A>;
}

export function windowedAggregate<K, V, A>(
  grouped: Handle,
  windows: TimeWindows | SlidingWindows,
  options: WindowedAggregateOptions<K, V, A>,
): Handle {
  return cutIntoWindows<K, V, A>(grouped, {
    ...options,
    kind: 'aggregate',
    windows,
    step: (node) => aggregateStep(node, options),
  });
}
