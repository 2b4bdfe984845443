import { type KeyValue, type Mapper, undefinedValue } from './internal/callbacks.ts';
import type { Handle } from './internal/handle.ts';
import type { SerdeOptions } from './internal/serdes.ts';
import { rekeyingNode, withSerdes } from './internal/stateless.ts';

export function flatMap<K, V, KOut, VOut>(
  from: Handle,
  mapper: Mapper<K, V, Iterable<KeyValue<KOut, VOut>>>,
  options: SerdeOptions<KOut, VOut> = {},
): Handle {
  const handle = rekeyingNode<K, V, KOut, VOut>(from, 'flat-map', (context) => ({
    process(record) {
      const mapped = mapper(record.value, record.key, record) as
        Iterable<KeyValue<KOut, VOut> | undefined> | undefined; // from JavaScript
      if (mapped === undefined) throw undefinedValue(context.node, 'mapper');
      const { timestamp, headers } = record;
      for (const pair of mapped) {
        if (pair?.key === undefined || pair.value === undefined) {
          throw undefinedValue(context.node, 'mapper');
        }
        context.forward({ key: pair.key, value: pair.value, timestamp, headers });
      }
    },
  }));
  return withSerdes(handle, options);
}
