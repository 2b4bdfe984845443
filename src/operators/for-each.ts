import type { Mapper } from './internal/callbacks.ts';
import type { Handle } from './internal/handle.ts';
import { statelessNode } from './internal/stateless.ts';

export function forEach<K, V>(from: Handle, action: Mapper<K, V, void>): void {
  statelessNode<K, V, never, never>(from, 'for-each', () => ({
    process(record) {
      action(record.value, record.key, record);
    },
  }));
}
