import { noHeaders } from '../../core/model/headers.ts';
import type { Change, ChangeRecord, Row } from '../../core/model/record.ts';
import type { Serde } from '../../core/serde/serde.ts';
import type { StoreDefinition } from '../../core/task/state-port.ts';
import type { OperatorNode } from '../../core/topology/plan.ts';
import { keyValueStore } from '../../state/store-definitions.ts';
import type { KeyValueStore } from '../../state/store.ts';
import { afterRecord } from './after-record.ts';
import type { Handle } from './handle.ts';
import { type JoinedValue, laterOf } from './joined-value.ts';
import { operatorNode } from './node.ts';
import { resolveSerde } from './resolve-serde.ts';

/** What a join has seen of its sides. */
export interface JoinCopies<K, Left, Right> {
  readonly left: StoreDefinition<KeyValueStore<K, Left>>;
  readonly right: StoreDefinition<KeyValueStore<K, Right>>;
}

export function joinCopies<K, Left, Right>(
  name: string,
  left: Handle,
  right: Handle,
): JoinCopies<K, Left, Right> {
  return {
    left: copyOf<K, Left>(`${name}-left`, left),
    right: copyOf<K, Right>(`${name}-right`, right),
  };
}

function copyOf<K, V>(name: string, side: Handle): StoreDefinition<KeyValueStore<K, V>> {
  const key = resolveSerde('key', undefined, side, name) as Serde<K>; // the side's own
  const value = resolveSerde('value', undefined, side, name) as Serde<V>; // the side's own
  return keyValueStore({ name, key, value });
}

/** A side as it sees itself: whether it stands left shows only in `join`. */
export interface JoinSide<K, Own, Other, VOut> {
  readonly kind: string;
  readonly name: string;
  readonly own: Handle;
  readonly other: Handle;
  /** Null where lookups are never ahead of what was forwarded. */
  readonly copies: SideCopies<K, Own, Other> | null;
  readonly join: JoinedValue<K, Own, Other, VOut>;
}

interface SideCopies<K, Own, Other> {
  readonly own: StoreDefinition<KeyValueStore<K, Own>>;
  readonly other: StoreDefinition<KeyValueStore<K, Other>>;
  /** Whether the other side's change of one record goes first. */
  readonly isLast: boolean;
}

/** Joins the changes of one side with the rows of the other. */
export function joinSide<K, Own, Other, VOut>(side: JoinSide<K, Own, Other, VOut>): OperatorNode {
  const { kind, name, own, other, copies, join } = side;
  return operatorNode<K, Change<Own>, K, Change<VOut>>({
    kind,
    name,
    parents: [own.node],
    lookups: [other.node],
    stores: copies === null ? [] : [copies.own, copies.other],
    isCopartitioned: true,
    createProcessor(context) {
      const forward = (record: ChangeRecord<K, Own>, row: Row<Other> | null | undefined) => {
        const { key, value, timestamp } = record;
        const otherValue = row?.value ?? null;
        const oldValue = join(value.oldValue, otherValue, key);
        const newValue = join(value.newValue, otherValue, key);
        if (oldValue === null && newValue === null) return;
        context.forward({
          key,
          value: { oldValue, newValue },
          timestamp: laterOf(timestamp, row),
          headers: noHeaders,
        });
      };
      if (copies === null) {
        const find = context.lookup<K, Other>(other.node);
        return { process: (record) => forward(record, find(record.key)) };
      }
      const ownRows = context.store(copies.own);
      const otherRows = context.store(copies.other);
      const take = (record: ChangeRecord<K, Own>) => {
        const { key, value, timestamp } = record;
        const { newValue } = value;
        ownRows.put(key, newValue === null ? null : { value: newValue, timestamp });
        forward(record, otherRows.get(key));
      };
      if (!copies.isLast) return { process: take };
      return { process: (record) => afterRecord(context, () => take(record)) };
    },
  });
}
