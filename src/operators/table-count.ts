import { int64 } from '../core/serde/integers.ts';
import { aggregationNode } from './internal/aggregation-node.ts';
import type { AggregationOptions } from './internal/aggregation-options.ts';
import type { GroupedTable } from './internal/grouped-table.ts';
import type { Handle } from './internal/handle.ts';
import { tableCountStep } from './internal/pair-steps.ts';

export type TableCountOptions = AggregationOptions;

export function tableCount({ pairs }: GroupedTable, options: TableCountOptions): Handle {
  const { name, emit, timeToLive, onError } = options;
  pairs.draft.renamed(options);
  const value = int64();
  return aggregationNode(pairs, {
    kind: 'count',
    name,
    value,
    emit,
    timeToLive,
    onError,
    step: tableCountStep,
  });
}
