import { undefinedValue } from './internal/callbacks.ts';
import { derivedTable } from './internal/derived-table.ts';
import type { Handle } from './internal/handle.ts';
import type { ValueSerdeOption } from './internal/serdes.ts';

export type TableMapper<K, V, VOut> = (value: V, key: K) => VOut;

export function tableMapValues<K, V, VOut>(
  table: Handle,
  mapper: TableMapper<K, V, VOut>,
  { value: serde }: ValueSerdeOption<VOut> = {},
): Handle {
  const handle = derivedTable<K, V, VOut>(table, 'table-map-values', (node) => (value, key) => {
    const mapped = mapper(value, key);
    if (mapped === undefined) throw undefinedValue(node, 'mapper');
    return mapped;
  });
  return { ...handle, value: serde ?? null };
}
