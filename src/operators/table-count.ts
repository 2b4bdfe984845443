import { int64 } from '../core/serde/integers.ts';
import { aggregationNode } from './internal/aggregation-node.ts';
import type { AggregationOptions } from './internal/aggregation-options.ts';
import type { GroupedTable } from './internal/grouped-table.ts';
import type { Handle } from './internal/handle.ts';
import { tableCountStep } from './internal/pair-steps.ts';

export type TableCountOptions = AggregationOptions;

export function tableCount({ pairs }: GroupedTable, options: TableCountOptions): Handle {
  const own = { kind: 'count', value: int64(), step: tableCountStep };
  return aggregationNode(pairs, { ...options, ...own });
}
