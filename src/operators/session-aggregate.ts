import type { SessionWindows } from '../core/model/session-windows.ts';
import type { Serde } from '../core/serde/serde.ts';
import type { WindowedAggregationOptions } from './internal/aggregation-options.ts';
import { checkedMerger } from './internal/combining.ts';
import type { Handle } from './internal/handle.ts';
import { sessionAggregationNode } from './internal/session-aggregation-node.ts';
import { aggregateStep, type Initializer, type Merger } from './internal/steps.ts';

export interface SessionAggregateOptions<K, V, A> extends WindowedAggregationOptions<K, V> {
  /** Called once per new session. */
  readonly initializer: Initializer<A>;
  /** Returns the new aggregate; not `null`, for sessions are merged. */
  readonly aggregator: (aggregate: A, value: V, key: K) => A;
  /** Returns the aggregate of two sessions that a record has joined, the earlier one first. */
  readonly merger: Merger<K, A>;
  /** The serde of the aggregate. */
  readonly value: Serde<A>;
}

export function sessionAggregate<K, V, A>(
  grouped: Handle,
  windows: SessionWindows,
  options: SessionAggregateOptions<K, V, A>,
): Handle {
  return sessionAggregationNode<K, V, A>(grouped, {
    ...options,
    kind: 'aggregate',
    windows,
    step: (node) => aggregateStep(node, options),
    merge: (node) => checkedMerger(node, 'merger', options.merger),
  });
}
