import { type Mapper, undefinedValue } from './internal/callbacks.ts';
import type { Handle } from './internal/handle.ts';
import { repartitioned } from './internal/repartition-node.ts';
import type { KeySerdeRequired, ValueSerdeOption } from './internal/serdes.ts';
import { rekeyingNode } from './internal/stateless.ts';
import type { Renamable } from './internal/renamable.ts';

export interface GroupByOptions<KOut> extends KeySerdeRequired<KOut>, Renamable {
  /** Names the repartition topic, `<application>-<name>-repartition`. */
  readonly name: string;
}

export function groupBy<K, V, KOut>(
  from: Handle,
  keySelector: Mapper<K, V, KOut>,
  options: GroupByOptions<KOut> & ValueSerdeOption<V>,
): Handle {
  const { name, key: keySerde, value } = options;
  from.draft.renamed(options);
  const keyed = rekeyingNode<K, V, KOut, V>(from, 'group-by', (context) => ({
    process(record) {
      const key = keySelector(record.value, record.key, record);
      if (key === undefined) throw undefinedValue(context.node, 'key selector');
      if (key === null) return context.drop(record, 'null-key');
      if (record.value === null) return context.drop(record, 'null-value');
      const { value, timestamp, headers } = record;
      context.forward({ key, value, timestamp, headers });
    },
  }));
  const serdes = { key: keySerde, ...(value === undefined ? {} : { value }) };
  return repartitioned({ ...keyed, key: null }, { name, kind: 'group-by', ...serdes });
}
