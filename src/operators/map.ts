import { type KeyValue, type Mapper, undefinedValue } from './internal/callbacks.ts';
import type { Handle } from './internal/handle.ts';
import type { SerdeOptions } from './internal/serdes.ts';
import { rekeyingNode, withSerdes } from './internal/stateless.ts';

export function map<K, V, KOut, VOut>(
  from: Handle,
  mapper: Mapper<K, V, KeyValue<KOut, VOut>>,
  options: SerdeOptions<KOut, VOut> = {},
): Handle {
  const handle = rekeyingNode<K, V, KOut, VOut>(from, 'map', (context) => ({
    process(record) {
      const mapped = mapper(record.value, record.key, record) as KeyValue<KOut, VOut> | undefined; // from JavaScript
      if (mapped?.key === undefined || mapped.value === undefined) {
        throw undefinedValue(context.node, 'mapper');
      }
      const { timestamp, headers } = record;
      context.forward({ key: mapped.key, value: mapped.value, timestamp, headers });
    },
  }));
  return withSerdes(handle, options);
}
