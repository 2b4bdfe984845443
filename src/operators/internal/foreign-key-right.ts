import { noHeaders } from '../../core/model/headers.ts';
import type { Change } from '../../core/model/record.ts';
import { keyBytes } from '../../core/serde/key-identity.ts';
import type { Serde } from '../../core/serde/serde.ts';
import type { StoreDefinition } from '../../core/task/state-port.ts';
import type { PlanNode } from '../../core/topology/plan.ts';
import type { Processor, ProcessorContext } from '../../core/topology/processor.ts';
import type { KeyValueStore } from '../../state/store.ts';
import { keyPair, secondKey } from './encoded-bytes.ts';
import type { Answer, Subscription } from './foreign-key-messages.ts';
import { type Subscriber, subscribersOf } from './foreign-key-rows.ts';

/** The right half of a foreign-key join. */
export interface RightHalf<KRight> {
  readonly table: PlanNode;
  readonly key: Serde<KRight>;
  readonly subscribers: StoreDefinition<KeyValueStore<Uint8Array, Subscriber>>;
}

/** Takes subscriptions, and answers each with the right row or null. */
export function receiving<KRight, Right>(
  context: ProcessorContext<Uint8Array, Answer<Right>>,
  { table, key: serde, subscribers: definition }: RightHalf<KRight>,
): Processor<Uint8Array, Subscription> {
  const subscribers = context.store(definition);
  const find = context.lookup<KRight, Right>(table);
  return {
    process({ key: foreignKey, value, timestamp }) {
      const { primaryKey, partition } = value;
      const key = keyPair(foreignKey, primaryKey);
      if (value.hash === null) return subscribers.put(key, null);
      // A copy: the row outlives the batch that the message lies in.
      const hash = Buffer.from(value.hash);
      subscribers.put(key, { value: { hash, partition }, timestamp });
      const row = find(serde.deserialize(foreignKey));
      context.forward({
        key: primaryKey,
        value: { partition, hash, right: row === null ? null : row.value },
        timestamp: row === null ? timestamp : row.timestamp,
        headers: noHeaders,
      });
    },
  };
}

/** Takes the changes of the right table, and answers the subscribers of the key. */
export function answering<KRight, Right>(
  context: ProcessorContext<Uint8Array, Answer<Right>>,
  { key: serde, subscribers: definition }: RightHalf<KRight>,
): Processor<KRight, Change<Right>> {
  const subscribers = context.store(definition);
  return {
    process({ key, value: { newValue: right }, timestamp }) {
      const foreignKey = keyBytes(serde, key);
      context.scan(subscribers, subscribersOf(foreignKey), ([subscriber, { value }]) => {
        const { partition, hash } = value;
        context.forward({
          key: secondKey(subscriber, foreignKey),
          value: { partition, hash, right },
          timestamp,
          headers: noHeaders,
        });
      });
    },
  };
}
