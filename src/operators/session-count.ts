import type { SessionWindows } from '../core/model/session-windows.ts';
import { int64 } from '../core/serde/integers.ts';
import type { WindowedAggregationOptions } from './internal/aggregation-options.ts';
import { countMerger } from './internal/combining.ts';
import type { Handle } from './internal/handle.ts';
import { sessionAggregationNode } from './internal/session-aggregation-node.ts';
import { countStep } from './internal/steps.ts';

export type SessionCountOptions<K, V> = WindowedAggregationOptions<K, V>;

export function sessionCount<K, V>(
  grouped: Handle,
  windows: SessionWindows,
  options: SessionCountOptions<K, V>,
): Handle {
  const value = int64();
  const own = { kind: 'count', windows, value, step: countStep, merge: countMerger } as const;
  return sessionAggregationNode(grouped, { ...options, ...own });
}
