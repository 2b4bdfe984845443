import type { Serde } from '../core/serde/serde.ts';
import { aggregationNode } from './internal/aggregation-node.ts';
import type { AggregationOptions } from './internal/aggregation-options.ts';
import { cogrouped, type CogroupInput, cogroupStep, type Tagged } from './internal/cogrouped.ts';
import type { Handle } from './internal/handle.ts';
import type { Initializer } from './internal/steps.ts';

export interface CogroupOptions<A> extends AggregationOptions {
  /** Called once per new row. */
  readonly initializer: Initializer<A>;
  /** The serde of the aggregate. */
  readonly value: Serde<A>;
}

export function cogroup<A>(inputs: readonly CogroupInput[], options: CogroupOptions<A>): Handle {
  return aggregationNode<unknown, Tagged, A>(cogrouped(inputs, options.name), {
    ...options,
    kind: 'aggregate',
    step: (node) => cogroupStep(node, inputs, options.initializer),
  });
}
