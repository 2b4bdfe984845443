import { int64 } from '../../core/serde/integers.ts';
import type { WindowedAggregationOptions } from './aggregation-options.ts';
import { derivedTable } from './derived-table.ts';
import type { DistinctOptions, IdSelector } from './distinct-ids.ts';
import { type DistinctSets, distinctSets } from './distinct-sets.ts';
import type { Handle } from './handle.ts';
import { checkPrecision } from './precision.ts';
import { type StepFactory, unchanged } from './steps.ts';

export interface DistinctRows<K, V, Id>
  extends WindowedAggregationOptions<K, V>, DistinctOptions<Id> {
  readonly by: IdSelector<K, V, Id>;
}

/** What an aggregation of sets of ids is made of. */
export interface DistinctRowsSpec<K, V> extends WindowedAggregationOptions<K, V> {
  readonly kind: 'count-distinct';
  readonly value: DistinctSets<K, V>['value'];
  readonly step: StepFactory<K, V, object>;
  readonly isNull: DistinctSets<K, V>['isNull'];
  readonly sets: DistinctSets<K, V>;
}

/**
 * `countDistinct` where rows are combined with one another: the row is the set of its ids, or its
 * registers, and the table shows their count.
 */
export function distinctRows<K, V, Id>(
  grouped: Handle,
  { id, precision, by, ...options }: DistinctRows<K, V, Id>,
  aggregate: (spec: DistinctRowsSpec<K, V>) => Handle,
): Handle {
  const { name } = options;
  checkPrecision(grouped, name, precision);
  const sets = distinctSets<K, V, Id>({
    name,
    by,
    id,
    ...(precision === undefined ? {} : { precision }),
  });
  const step: StepFactory<K, V, object> = () => (row, record) => {
    const ids = row === undefined ? sets.initializer() : row.value;
    const next = sets.aggregator(ids, record.value, record.key);
    return row !== undefined && next === ids ? unchanged : next;
  };
  const { value, isNull } = sets;
  const rows = aggregate({ ...options, kind: 'count-distinct', value, step, isNull, sets });
  const counts = derivedTable<K, object, number>(rows, 'table-map-values', () => sets.countOf);
  return { ...counts, value: int64() };
}
