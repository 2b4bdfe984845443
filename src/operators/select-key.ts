import { type Mapper, undefinedValue } from './internal/callbacks.ts';
import type { Handle } from './internal/handle.ts';
import type { KeySerdeOption } from './internal/serdes.ts';
import { rekeyingNode } from './internal/stateless.ts';

export function selectKey<K, V, KOut>(
  from: Handle,
  keySelector: Mapper<K, V, KOut>,
  { key: serde }: KeySerdeOption<KOut> = {},
): Handle {
  const handle = rekeyingNode<K, V, KOut, V>(from, 'select-key', (context) => ({
    process(record) {
      const key = keySelector(record.value, record.key, record);
      if (key === undefined) throw undefinedValue(context.node, 'key selector');
      const { value, timestamp, headers } = record;
      context.forward({ key, value, timestamp, headers });
    },
  }));
  return { ...handle, key: serde ?? null };
}
