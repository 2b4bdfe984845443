import type { Predicate } from './internal/callbacks.ts';
import type { Handle } from './internal/handle.ts';
import { statelessNode } from './internal/stateless.ts';

export function filterNot<K, V>(from: Handle, predicate: Predicate<K, V>): Handle {
  return statelessNode<K, V, K, V>(from, 'filter-not', (context) => ({
    process(record) {
      if (!predicate(record.value, record.key, record)) context.forward(record);
    },
  }));
}
