import type { TablePredicate } from './internal/callbacks.ts';
import { derivedTable } from './internal/derived-table.ts';
import type { Handle } from './internal/handle.ts';

export function tableFilter<K, V>(table: Handle, predicate: TablePredicate<K, V>): Handle {
  return derivedTable<K, V, V>(
    table,
    'table-filter',
    () => (value, key) => (predicate(value, key) ? value : null),
  );
}
