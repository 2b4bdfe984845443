import { int64 } from '../core/serde/integers.ts';
import { aggregationNode } from './internal/aggregation-node.ts';
import type { AggregationOptions } from './internal/aggregation-options.ts';
import type { Handle } from './internal/handle.ts';
import { countStep } from './internal/steps.ts';

export type CountOptions = AggregationOptions;

export function count(grouped: Handle, options: CountOptions): Handle {
  const { name, emit, timeToLive, onError } = options;
  grouped.draft.renamed(options);
  const value = int64();
  return aggregationNode(grouped, {
    kind: 'count',
    name,
    value,
    emit,
    timeToLive,
    onError,
    step: countStep,
  });
}
