import type { SessionWindows } from '../core/model/session-windows.ts';
import type { WindowedAggregationOptions } from './internal/aggregation-options.ts';
import { checkedMerger } from './internal/combining.ts';
import type { Handle } from './internal/handle.ts';
import type { ValueSerdeOption } from './internal/serdes.ts';
import { sessionAggregationNode } from './internal/session-aggregation-node.ts';
import { reduceStep } from './internal/steps.ts';

/** Combines two values, or the aggregates of two sessions, the earlier one first. */
export type SessionReducer<V> = (aggregate: V, value: V) => V;

export interface SessionReduceOptions<K, V>
  extends WindowedAggregationOptions<K, V>, ValueSerdeOption<V> {}

export interface SessionReduceSpec<K, V> extends SessionReduceOptions<K, V> {
  readonly reducer: SessionReducer<V>;
}

export function sessionReduce<K, V>(
  grouped: Handle,
  windows: SessionWindows,
  options: SessionReduceSpec<K, V>,
): Handle {
  const { reducer } = options;
  return sessionAggregationNode<K, V, V>(grouped, {
    ...options,
    kind: 'reduce',
    windows,
    step: (node) => reduceStep(node, reducer),
    merge: (node) => checkedMerger<K, V>(node, 'reducer', reducer),
  });
}
