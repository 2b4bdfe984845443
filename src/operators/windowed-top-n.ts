import type { SlidingWindows } from '../core/model/sliding-windows.ts';
import type { TimeWindows } from '../core/model/windows.ts';
import { ranking, type Score } from '../core/serde/ranking.ts';
import type { Serde } from '../core/serde/serde.ts';
import type { WindowedAggregationOptions } from './internal/aggregation-options.ts';
import type { WindowedEmitPolicy } from './internal/emit.ts';
import type { Handle } from './internal/handle.ts';
import { resolveSerde } from './internal/resolve-serde.ts';
import { checkListed } from './internal/scores.ts';
import { type ScoreOption, topNStep } from './internal/top-n-step.ts';
import { cutIntoWindows } from './internal/cut-into-windows.ts';

export interface WindowedTopNOptions<
  K,
  V,
  S extends Score,
  Emit extends WindowedEmitPolicy = WindowedEmitPolicy,
>
  extends WindowedAggregationOptions<K, V, Emit>, ScoreOption<K, V, S> {}

export interface WindowedTopNSpec<K, V, S extends Score> extends WindowedTopNOptions<K, V, S> {
  readonly n: number;
}

export function windowedTopN<K, V, S extends Score>(
  grouped: Handle,
  windows: TimeWindows | SlidingWindows,
  { n, ...options }: WindowedTopNSpec<K, V, S>,
): Handle {
  checkListed(options.name, n);
  const value = resolveSerde('value', undefined, grouped, options.name) as Serde<V>; // the input's
  return cutIntoWindows(grouped, {
    ...options,
    kind: 'top-n',
    windows,
    value: ranking<V, S>(value),
    detail: { n },
    step: (node) => topNStep<K, V, S>(node, n, options),
  });
}
