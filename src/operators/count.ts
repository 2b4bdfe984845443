import { int64 } from '../core/serde/integers.ts';
import { aggregationNode } from './internal/aggregation-node.ts';
import type { AggregationOptions } from './internal/aggregation-options.ts';
import type { Handle } from './internal/handle.ts';
import { countStep } from './internal/steps.ts';

export type CountOptions = AggregationOptions;

export function count(grouped: Handle, options: CountOptions): Handle {
  const own = { kind: 'count', value: int64(), step: countStep };
  return aggregationNode(grouped, { ...options, ...own });
}
