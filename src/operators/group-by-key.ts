import type { Handle } from './internal/handle.ts';
import { repartitioned } from './internal/repartition-node.ts';
import type { SerdeOptions } from './internal/serdes.ts';
import { statelessNode } from './internal/stateless.ts';
import type { Renamable } from './internal/renamable.ts';

export interface GroupByKeyOptions extends Renamable {
  /**
   * Names the repartition topic that a changed key needs, `<application>-<name>-repartition`.
   * Default: each aggregation makes its own, `<aggregation>-input`.
   */
  readonly name?: string;
}

export function groupByKey<K, V>(
  from: Handle,
  options: GroupByKeyOptions & SerdeOptions<K, V> = {},
): Handle {
  const { name, key, value } = options;
  from.draft.renamed(options);
  const known = { ...from, key: key ?? from.key, value: value ?? from.value };
  if (!from.isKeyChanged) return known;
  // What no group takes is dropped before it is written to a topic.
  const keyed = statelessNode<K, V, K, V>(known, 'group-by-key', (context) => ({
    process(record) {
      if (record.key === null) return context.drop(record, 'null-key');
      if (record.value === null) return context.drop(record, 'null-value');
      context.forward(record);
    },
  }));
  return name === undefined ? keyed : repartitioned(keyed, { name, kind: 'group-by-key' });
}
