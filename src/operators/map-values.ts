import { type Mapper, undefinedValue } from './internal/callbacks.ts';
import type { Handle } from './internal/handle.ts';
import type { ValueSerdeOption } from './internal/serdes.ts';
import { statelessNode } from './internal/stateless.ts';

export function mapValues<K, V, VOut>(
  from: Handle,
  mapper: Mapper<K, V, VOut>,
  { value: serde }: ValueSerdeOption<VOut> = {},
): Handle {
  const handle = statelessNode<K, V, K, VOut>(from, 'map-values', (context) => ({
    process(record) {
      const value = mapper(record.value, record.key, record);
      if (value === undefined) throw undefinedValue(context.node, 'mapper');
      const { key, timestamp, headers } = record;
      context.forward({ key, value, timestamp, headers });
    },
  }));
  return { ...handle, value: serde ?? null };
}
