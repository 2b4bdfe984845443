import type { SessionWindows } from '../core/model/session-windows.ts';
import {
  cogrouped,
  type CogroupInput,
  cogroupStep,
  type Tagged,
  untagged,
} from './internal/cogrouped.ts';
import { checkedMerger } from './internal/combining.ts';
import type { Handle } from './internal/handle.ts';
import { sessionAggregationNode } from './internal/session-aggregation-node.ts';
import type { Merger } from './internal/steps.ts';
import type { WindowedCogroupOptions } from './internal/windowed-cogroup-options.ts';

export interface SessionCogroupOptions<K, V, A> extends WindowedCogroupOptions<K, V, A> {
  /** Returns the aggregate of two sessions that a record has joined, the earlier one first. */
  readonly merger: Merger<K, A>;
}

export function sessionCogroup<K, V, A>(
  inputs: readonly CogroupInput[],
  windows: SessionWindows,
  { initializer, merger, late, ...options }: SessionCogroupOptions<K, V, A>,
): Handle {
  const from = cogrouped(inputs, options.name);
  return sessionAggregationNode<K, Tagged, A>(from, {
    ...options,
    kind: 'aggregate',
    windows,
    step: (node) => cogroupStep(node, inputs, initializer),
    merge: (node) => checkedMerger(node, 'merger', merger),
    ...(late === undefined
      ? {}
      : { late: ({ handle }) => late(from.draft.handles.stream(untagged(handle))) }),
  });
}
