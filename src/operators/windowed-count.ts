import type { SlidingWindows } from '../core/model/sliding-windows.ts';
import type { TimeWindows } from '../core/model/windows.ts';
import { int64 } from '../core/serde/integers.ts';
import type { WindowedAggregationOptions } from './internal/aggregation-options.ts';
import { cutIntoWindows } from './internal/cut-into-windows.ts';
import type { WindowedEmitPolicy } from './internal/emit.ts';
import type { Handle } from './internal/handle.ts';
import { countStep } from './internal/steps.ts';

export type WindowedCountOptions<
  K,
  V,
  Emit extends WindowedEmitPolicy = WindowedEmitPolicy,
> = WindowedAggregationOptions<K, V, Emit>;

export function windowedCount<K, V>(
  grouped: Handle,
  windows: TimeWindows | SlidingWindows,
  options: WindowedCountOptions<K, V>,
): Handle {
  const value = int64();
  const own = { kind: 'count', windows, value, step: countStep } as const;
  return cutIntoWindows(grouped, { ...options, ...own });
}
