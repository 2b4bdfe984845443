import type { ErrorPolicy } from '../../core/model/drop-reason.ts';
import { trusted } from '../../core/serde/key-identity.ts';
import type { Serde } from '../../core/serde/serde.ts';
import type { Partitioner, PlanNode, RepartitionNode } from '../../core/topology/plan.ts';
import type { Handle } from './handle.ts';
import { resolveSerde } from './resolve-serde.ts';

interface NamedSerdes {
  readonly name: string;
  /** Left out: the input's. */
  readonly key?: Serde<unknown>;
  readonly value?: Serde<unknown>;
}

export interface RepartitionSpec extends NamedSerdes {
  readonly kind: string;
  readonly partitions?: number | undefined;
  readonly partitioner?: Partitioner | undefined;
  /** What the topic is called behind `<application>-`; default `<name>-repartition`. */
  readonly topicName?: string;
  /** Whether each record names its partition, whatever its key says. */
  readonly isAddressed?: boolean;
  /** Of records that cannot be written: of one that is too large, for instance. */
  readonly onError?: ErrorPolicy | undefined;
  /** More nodes that write the topic. */
  readonly writers?: readonly PlanNode[];
}

/** Sends the records of `from` through an internal topic; behind it key and partition agree. */
export function repartitioned(from: Handle, spec: RepartitionSpec): Handle {
  const key = resolveSerde('key', spec.key, from, spec.name);
  const value = resolveSerde('value', spec.value, from, spec.name);
  const { partitions = null, partitioner = null, writers = [] } = spec;
  const node: RepartitionNode = Object.freeze({
    type: 'repartition',
    kind: spec.kind,
    name: spec.name,
    topicName: spec.topicName ?? `${spec.name}-repartition`,
    isAddressed: spec.isAddressed ?? false,
    parents: Object.freeze([from.node, ...writers]),
    detail: Object.freeze({ partitions, partitioner: partitioner?.name ?? null }),
    key: trusted(key),
    value: trusted(value),
    partitions,
    partitioner,
    onProductionError: spec.onError ?? null,
  });
  return { draft: from.draft, node: from.draft.add(node), key, value, isKeyChanged: false };
}

/** The same where the key was changed; else `from` itself. */
export function byItsKey(from: Handle, spec: NamedSerdes): Handle {
  return from.isKeyChanged ? repartitioned(from, { ...spec, kind: 'repartition' }) : from;
}
