import { type Mapper, undefinedValue } from './internal/callbacks.ts';
import type { Handle } from './internal/handle.ts';
import type { ValueSerdeOption } from './internal/serdes.ts';
import { statelessNode } from './internal/stateless.ts';

export function flatMapValues<K, V, VOut>(
  from: Handle,
  mapper: Mapper<K, V, Iterable<VOut>>,
  { value: serde }: ValueSerdeOption<VOut> = {},
): Handle {
  const handle = statelessNode<K, V, K, VOut>(from, 'flat-map-values', (context) => ({
    process(record) {
      const mapped: Iterable<VOut> | undefined = mapper(record.value, record.key, record);
      if (mapped === undefined) throw undefinedValue(context.node, 'mapper');
      const { key, timestamp, headers } = record;
      for (const value of mapped) {
        if (value === undefined) throw undefinedValue(context.node, 'mapper');
        context.forward({ key, value, timestamp, headers });
      }
    },
  }));
  return { ...handle, value: serde ?? null };
}
