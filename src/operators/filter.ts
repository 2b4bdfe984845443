import type { Predicate } from './internal/callbacks.ts';
import type { Handle } from './internal/handle.ts';
import { statelessNode } from './internal/stateless.ts';

export function filter<K, V>(from: Handle, predicate: Predicate<K, V>): Handle {
  return statelessNode<K, V, K, V>(from, 'filter', (context) => ({
    process(record) {
      if (predicate(record.value, record.key, record)) context.forward(record);
    },
  }));
}
