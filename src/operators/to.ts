import type { ErrorPolicy } from '../core/model/drop-reason.ts';
import type { Partitioner, SinkNode } from '../core/topology/plan.ts';
import type { Handle } from './internal/handle.ts';
import { resolveSerde } from './internal/resolve-serde.ts';
import type { SerdeOptions } from './internal/serdes.ts';

export interface ToOptions<K, V> {
  /** Default: generated. */
  readonly name?: string;
  /** Default: by the hash of the key's bytes, as Kafka's Java client. */
  readonly partitioner?: Partitioner<K, V>;
  /** What cannot be written; default `'fail'`. */
  readonly onError?: ErrorPolicy;
}

export type TopicSelector<K, V> = (value: V, key: K) => string;

export function to<K, V>(
  from: Handle,
  topic: string | TopicSelector<K, V>,
  options: ToOptions<K, V> & SerdeOptions<K, V> = {},
): void {
  const name = options.name ?? from.draft.generateName('to');
  const node: SinkNode = Object.freeze({
    type: 'sink',
    kind: 'to',
    name,
    parents: Object.freeze([from.node]),
    detail: Object.freeze({ topic: typeof topic === 'string' ? topic : 'chosen per record' }),
    topic: topic as SinkNode['topic'], // called with this stream's records
    key: resolveSerde('key', options.key, from, name),
    value: resolveSerde('value', options.value, from, name),
    partitioner: (options.partitioner as Partitioner | undefined) ?? null, // for these records
    onProductionError: options.onError ?? null,
  });
  from.draft.add(node);
}
