import type { Change } from '../core/model/record.ts';
import type { Handle } from './internal/handle.ts';
import { statelessNode } from './internal/stateless.ts';

export function toStream<K, V>(table: Handle): Handle {
  return statelessNode<K, Change<V>, K, V | null>(table, 'to-stream', (context) => ({
    process({ key, value, timestamp, headers }) {
      context.forward({ key, value: value.newValue, timestamp, headers });
    },
  }));
}
