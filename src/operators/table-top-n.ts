import { type RankedRow, type Score, tableRanking } from '../core/serde/ranking.ts';
import type { Serde } from '../core/serde/serde.ts';
import { aggregationNode } from './internal/aggregation-node.ts';
import type { AggregationOptions } from './internal/aggregation-options.ts';
import type { GroupedTable } from './internal/grouped-table.ts';
import type { Handle } from './internal/handle.ts';
import type { Pair } from './internal/pair-serde.ts';
import { resolveSerde } from './internal/resolve-serde.ts';
import { checkListed } from './internal/scores.ts';
import { tableTopN as bestRows } from './internal/table-top-n-step.ts';
import type { ScoreOption } from './internal/top-n-step.ts';

/** `by` is given a value of the group and the key its row has in the table. */
export interface TableTopNOptions<KRow, V, S extends Score>
  extends Omit<AggregationOptions, 'timeToLive'>, ScoreOption<KRow, V, S> {}

export function tableTopN<KRow, V, S extends Score>(
  grouped: GroupedTable,
  n: number,
  options: TableTopNOptions<KRow, V, S>,
): Handle {
  const { name, by } = options;
  checkListed(name, n);
  const group = resolveSerde('key', undefined, grouped.pairs, name);
  const row = grouped.row as Serde<KRow>; // of the table's keys
  const value = grouped.value as Serde<V>; // of what the groups get
  return aggregationNode<unknown, Pair<KRow, V>, readonly RankedRow<KRow, V, S>[]>(grouped.pairs, {
    ...options,
    kind: 'top-n',
    value: tableRanking<KRow, V, S>(row, value),
    detail: { n },
    ...bestRows<KRow, V, S>({ name, n, by, group, row, value }),
  });
}
