import type { TablePredicate } from './internal/callbacks.ts';
import { derivedTable } from './internal/derived-table.ts';
import type { Handle } from './internal/handle.ts';

export function tableFilterNot<K, V>(table: Handle, predicate: TablePredicate<K, V>): Handle {
  return derivedTable<K, V, V>(
    table,
    'table-filter-not',
    () => (value, key) => (predicate(value, key) ? null : value),
  );
}
