import type { TimeWindows } from '../core/model/windows.ts';
import type { Serde } from '../core/serde/serde.ts';
import type { WindowedAggregationOptions } from './internal/aggregation-options.ts';
import {
  cogrouped,
  type CogroupInput,
  cogroupStep,
  type Tagged,
  untagged,
} from './internal/cogrouped.ts';
import type { Handle } from './internal/handle.ts';
import type { ValueSerdeUnknown } from './internal/serdes.ts';
import type { Initializer } from './internal/steps.ts';
import { windowedAggregationNode } from './internal/windowed-aggregation-node.ts';
import type { KStream } from './k-stream.ts';

export interface WindowedCogroupOptions<K, V, A> extends Omit<
  WindowedAggregationOptions<K, V>,
  'late'
> {
  /** Called once per new row. */
  readonly initializer: Initializer<A>;
  /** The serde of the aggregate. */
  readonly value: Serde<A>;
  /** Given the stream of the records of all inputs that came too late for all their windows. */
  readonly late?: (stream: KStream<K, V, ValueSerdeUnknown>) => void;
}

export function windowedCogroup<K, V, A>(
  inputs: readonly CogroupInput[],
  windows: TimeWindows,
  { initializer, late, ...options }: WindowedCogroupOptions<K, V, A>,
): Handle {
  const from = cogrouped(inputs, options.name);
  from.draft.renamed(options);
  return windowedAggregationNode<unknown, Tagged, A>(from, {
    ...options,
    kind: 'aggregate',
    windows,
    step: (node) => cogroupStep(node, inputs, initializer),
    ...(late === undefined
      ? {}
      : { late: ({ handle }) => late(from.draft.handles.stream(untagged(handle))) }),
  });
}
