import type { TimeWindows } from '../core/model/windows.ts';
import { int64 } from '../core/serde/integers.ts';
import type { WindowedAggregationOptions } from './internal/aggregation-options.ts';
import type { Handle } from './internal/handle.ts';
import { countStep } from './internal/steps.ts';
import { windowedAggregationNode } from './internal/windowed-aggregation-node.ts';

export type WindowedCountOptions<K, V> = WindowedAggregationOptions<K, V>;

export function windowedCount<K, V>(
  grouped: Handle,
  windows: TimeWindows,
  options: WindowedCountOptions<K, V>,
): Handle {
  grouped.draft.renamed(options);
  const value = int64();
  const own = { kind: 'count', windows, value, step: countStep } as const;
  return windowedAggregationNode(grouped, { ...options, ...own });
}
