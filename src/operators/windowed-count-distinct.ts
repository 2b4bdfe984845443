import type { SlidingWindows } from '../core/model/sliding-windows.ts';
import type { TimeWindows } from '../core/model/windows.ts';
import { int64 } from '../core/serde/integers.ts';
import type { Serde } from '../core/serde/serde.ts';
import type { WindowedAggregationOptions } from './internal/aggregation-options.ts';
import {
  type DistinctOptions,
  distinctParts,
  type EntriesMaker,
  type IdSelector,
} from './internal/distinct-ids.ts';
import { distinctRows } from './internal/distinct-rows.ts';
import type { Handle } from './internal/handle.ts';
import { checkPrecision } from './internal/precision.ts';
import { resolveSerde } from './internal/resolve-serde.ts';
import { windowDefinition } from './internal/stores.ts';
import { slidingAggregationNode } from './internal/sliding-aggregation-node.ts';
import type { OpenWindowRows } from './internal/window-rows.ts';
import { windowedAggregationNode } from './internal/windowed-aggregation-node.ts';

export interface WindowedCountDistinctOptions<K, V, Id>
  extends WindowedAggregationOptions<K, V>, DistinctOptions<Id> {}

/** `countDistinct` in windows. */
export interface WindowedCountDistinct<K, V, Id> extends WindowedCountDistinctOptions<K, V, Id> {
  readonly by: IdSelector<K, V, Id>;
}

export function windowedCountDistinct<K, V, Id>(
  grouped: Handle,
  windows: TimeWindows | SlidingWindows,
  options: WindowedCountDistinct<K, V, Id>,
): Handle {
  // Windows that are made from one another: each has its ids in its row.
  if (windows.kind === 'sliding') {
    return distinctRows(grouped, options, ({ sets: _, ...spec }) =>
      slidingAggregationNode<K, V, object>(grouped, { ...spec, windows }),
    );
  }
  const { id: _id, precision, by: _by, ...rest } = options;
  const key = resolveSerde('key', undefined, grouped, options.name) as Serde<K>; // the input's own
  checkPrecision(grouped, options.name, precision);
  const entries: EntriesMaker<OpenWindowRows> = (store) => {
    const definition = windowDefinition({ ...store, windows });
    return { definition, open: (context) => context.store(definition) };
  };
  return windowedAggregationNode<K, V, number>(grouped, {
    ...rest,
    kind: 'count-distinct',
    windows,
    value: int64(),
    ...distinctParts({ ...options, key }, entries),
  });
}
