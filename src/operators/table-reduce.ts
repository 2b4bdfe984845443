import type { Serde } from '../core/serde/serde.ts';
import { aggregationNode } from './internal/aggregation-node.ts';
import type { AggregationOptions } from './internal/aggregation-options.ts';
import type { GroupedTable } from './internal/grouped-table.ts';
import type { Handle } from './internal/handle.ts';
import type { Pair } from './internal/pair-serde.ts';
import { tableReduceStep } from './internal/pair-steps.ts';
import type { Reducer } from './internal/steps.ts';

export type TableReduceOptions = AggregationOptions;

export interface TableReduceSpec<V> extends TableReduceOptions {
  readonly adder: Reducer<V>;
  readonly subtractor: Reducer<V>;
}

export function tableReduce<V>(
  { pairs, value }: GroupedTable,
  { adder, subtractor, ...options }: TableReduceSpec<V>,
): Handle {
  return aggregationNode<unknown, Pair<unknown, V>, V>(pairs, {
    ...options,
    kind: 'reduce',
    value: value as Serde<V>, // of what the group gets
    step: (node) => tableReduceStep(node, adder, subtractor),
  });
}
