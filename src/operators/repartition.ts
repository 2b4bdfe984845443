import type { Partitioner } from '../core/topology/plan.ts';
import type { Handle } from './internal/handle.ts';
import { repartitioned } from './internal/repartition-node.ts';
import type { SerdeOptions } from './internal/serdes.ts';
import type { Renamable } from './internal/renamable.ts';

export interface RepartitionOptions<K, V> extends Renamable {
  /** Names the node and its topic, `<application>-<name>-repartition`. */
  readonly name: string;
  /** Default: as many as the topics it meets, else the greatest count of its sources. */
  readonly partitions?: number;
  /** Default: by the hash of the key's bytes, as Kafka's Java client. */
  readonly partitioner?: Partitioner<K, V>;
}

export function repartition<K, V>(
  from: Handle,
  options: RepartitionOptions<K, V> & SerdeOptions<K, V>,
): Handle {
  from.draft.renamed(options);
  const partitioner = options.partitioner as Partitioner | undefined; // gets this stream's records
  return repartitioned(from, { ...options, partitioner, kind: 'repartition' });
}
