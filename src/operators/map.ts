import { type KeyValue, type Mapper, undefinedValue } from './internal/callbacks.ts';
import type { Handle } from './internal/handle.ts';
import type { SerdeOptions } from './internal/serdes.ts';
import { rekeyingNode, withSerdes } from './internal/stateless.ts';

/** What a mapper written in JavaScript may return all the same. */
type Returned<K, V> = KeyValue<K | undefined, V | undefined> | undefined;

export function map<K, V, KOut, VOut>(
  from: Handle,
  mapper: Mapper<K, V, KeyValue<KOut, VOut>>,
  options: SerdeOptions<KOut, VOut> = {},
): Handle {
  const handle = rekeyingNode<K, V, KOut, VOut>(from, 'map', (context) => ({
    process(record) {
      const mapped: Returned<KOut, VOut> = mapper(record.value, record.key, record);
      if (mapped?.key === undefined || mapped.value === undefined) {
        throw undefinedValue(context.node, 'mapper');
      }
      const { timestamp, headers } = record;
      context.forward({ key: mapped.key, value: mapped.value, timestamp, headers });
    },
  }));
  return withSerdes(handle, options);
}
