import { noHeaders } from '../../core/model/headers.ts';
import type { Change, Row } from '../../core/model/record.ts';
import { asBuffer } from '../../core/serde/range-serde.ts';
import { keyBytes } from '../../core/serde/key-identity.ts';
import type { Serde } from '../../core/serde/serde.ts';
import type { StoreDefinition } from '../../core/task/state-port.ts';
import type { Processor, ProcessorContext } from '../../core/topology/processor.ts';
import { ownBytes } from '../../state/own-bytes.ts';
import type { KeyValueStore } from '../../state/store.ts';
import type { Answer, Subscription } from './foreign-key-messages.ts';
import type { JoinedRow } from './foreign-key-rows.ts';
import { type JoinedValue, laterOf } from './joined-value.ts';
import { valueHash } from './value-hash.ts';

/** A left value's foreign key; none: it is joined with no right row. */
export type ForeignKey<K, V, KRight> = (value: V, key: K) => KRight | null | undefined;

/** The left half of a foreign-key join. */
export interface LeftHalf<K, Left, KRight, Right, VOut> {
  readonly type: 'inner' | 'left';
  readonly key: Serde<K>;
  readonly value: Serde<Left>;
  readonly rightKey: Serde<KRight>;
  readonly rows: StoreDefinition<KeyValueStore<K, JoinedRow<Left, VOut>>>;
  readonly foreignKey: ForeignKey<K, Left, KRight>;
  readonly join: JoinedValue<K, Left, Right, VOut>;
  /** The children of the node that subscribes. */
  readonly subscriptions: string;
  readonly results: string;
}

type Subscribed = NonNullable<JoinedRow<unknown, unknown>['subscribed']>;

/**
 * Takes the changes of the left table: each value with a foreign key subscribes, whose answer then
 * makes the result; what needs no right row is decided at once.
 */
export function subscribing<K, Left, KRight, Right, VOut>(
  context: ProcessorContext<K | Uint8Array, Change<VOut> | Subscription>,
  half: LeftHalf<K, Left, KRight, Right, VOut>,
): Processor<K, Change<Left>> {
  const { type, key: keySerde, value: leftSerde, rightKey, foreignKey, join } = half;
  const rows = context.store(half.rows);
  const subscribe = (
    key: K,
    { foreignKey: to, hash }: { foreignKey: Uint8Array; hash: Uint8Array | null },
    timestamp: number,
  ) => {
    const value = { primaryKey: keyBytes(keySerde, key), partition: context.partition, hash };
    context.forward({ key: to, value, timestamp, headers: noHeaders }, half.subscriptions);
  };
  const subscribedBy = (key: K, value: Left): Subscribed | null => {
    const chosen = foreignKey(value, key);
    if (chosen === null || chosen === undefined) return null;
    const hash = valueHash(asBuffer(keyBytes(leftSerde, value)));
    return { foreignKey: ownBytes(keyBytes(rightKey, chosen)), hash };
  };
  return {
    process(record) {
      const { key, timestamp } = record;
      const { newValue } = record.value;
      const row = rows.get(key);
      const before = row?.value ?? null;
      const subscribed = newValue === null ? null : subscribedBy(key, newValue);
      const last = before?.subscribed ?? null;
      if (last !== null && !isSameKey(last, subscribed)) {
        subscribe(key, { foreignKey: last.foreignKey, hash: null }, timestamp);
      }
      if (newValue !== null && subscribed !== null) {
        const { rightTimestamp = null, result = null } = before ?? {};
        const left = ownBytes(newValue);
        rows.put(key, { value: { left, subscribed, rightTimestamp, result }, timestamp });
        return subscribe(key, subscribed, timestamp);
      }
      if (newValue !== null && type === 'inner') context.drop(record, 'null-foreign-key');
      const result = newValue === null ? null : join(newValue, null, key);
      const value =
        newValue === null || result === null
          ? null
          : { left: ownBytes(newValue), subscribed: null, rightTimestamp: null, result };
      const oldValue = before?.result ?? null;
      if (row !== undefined || value !== null) rows.put(key, value && { value, timestamp });
      if (oldValue === null && result === null) return;
      const joinedAt = before?.rightTimestamp ?? timestamp;
      context.forward(
        {
          key,
          value: { oldValue, newValue: result },
          timestamp: result === null ? Math.max(timestamp, joinedAt) : timestamp,
          headers: noHeaders,
        },
        half.results,
      );
    },
  };
}

/** Takes the answers: one to a value that is not the row's any more is passed over. */
export function resolving<K, Left, KRight, Right, VOut>(
  context: ProcessorContext<K, Change<VOut>>,
  { key: keySerde, rows: definition, join }: LeftHalf<K, Left, KRight, Right, VOut>,
): Processor<Uint8Array, Answer<Right>> {
  const rows = context.store(definition);
  return {
    process({ key: encoded, value: { hash, right }, timestamp: answeredAt }) {
      const key = keySerde.deserialize(encoded);
      const row = rows.get(key);
      if (row === undefined || !isAnsweredBy(row.value, hash))
        return context.count('stale-answers');
      const { left, subscribed, result: oldValue } = row.value;
      const newValue = join(left, right, key);
      const rightTimestamp = right === null ? null : answeredAt;
      const value = { left, subscribed, rightTimestamp, result: ownBytes(newValue) };
      rows.put(key, { value, timestamp: row.timestamp });
      if (oldValue === null && newValue === null) return;
      const timestamp = Math.max(row.timestamp, answeredAt);
      context.forward({ key, value: { oldValue, newValue }, timestamp, headers: noHeaders });
    },
  };
}

/** The result as a lookup finds it. */
export function resultOf<Left, VOut>(
  row: Row<JoinedRow<Left, VOut>> | undefined,
): Row<VOut> | null {
  if (row === undefined || row.value.result === null) return null;
  const { result, rightTimestamp } = row.value;
  const right = rightTimestamp === null ? null : { timestamp: rightTimestamp };
  return { value: result, timestamp: laterOf(row.timestamp, right) };
}

function isSameKey(one: Subscribed, other: Subscribed | null): boolean {
  return other !== null && asBuffer(one.foreignKey).equals(other.foreignKey);
}

function isAnsweredBy({ subscribed }: JoinedRow<unknown, unknown>, hash: Uint8Array): boolean {
  return subscribed !== null && asBuffer(subscribed.hash).equals(hash);
}
