import type { Mapper } from './internal/callbacks.ts';
import type { Handle } from './internal/handle.ts';
import { statelessNode } from './internal/stateless.ts';

export function peek<K, V>(from: Handle, action: Mapper<K, V, void>): Handle {
  return statelessNode<K, V, K, V>(from, 'peek', (context) => ({
    process(record) {
      action(record.value, record.key, record);
      context.forward(record);
    },
  }));
}
