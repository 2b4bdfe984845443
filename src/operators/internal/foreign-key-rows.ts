import { formatText } from '../../core/model/format-text.ts';
import { rangeSerde } from '../../core/serde/range-serde.ts';
import type { Serde } from '../../core/serde/serde.ts';
import {
  int32Part,
  int64Part,
  joinParts,
  present,
  readInt64Part,
  splitParts,
} from './byte-parts.ts';
import { encodedKeys } from './foreign-key-messages.ts';
import type { StoreDefinition } from '../../core/task/state-port.ts';
import { keyValueStore } from '../../state/store-definitions.ts';
import type { KeyRange, KeyValueStore } from '../../state/store.ts';

/** What the left side keeps of a primary key; the time of the store's row is the left row's. */
export interface JoinedRow<Left, VOut> {
  readonly left: Left;
  /** What it has subscribed to, encoded, with the hash it gave; null without a foreign key. */
  readonly subscribed: { readonly foreignKey: Uint8Array; readonly hash: Uint8Array } | null;
  /** The time of the right row last joined; null: there was none. */
  readonly rightTimestamp: number | null;
  readonly result: VOut | null;
}

/** Who wants to be told of a right row. */
export interface Subscriber {
  readonly hash: Uint8Array;
  readonly partition: number;
}

export function joinedRows<K, Left, VOut>(
  name: string,
  key: Serde<K>,
  values: { readonly left: Serde<Left>; readonly result: Serde<VOut> },
): StoreDefinition<KeyValueStore<K, JoinedRow<Left, VOut>>> {
  return keyValueStore({ name, key, value: joinedRowSerde(values.left, values.result) });
}

/** Keys are `(foreign key, primary key)`, so that the subscribers of a right row lie together. */
export function subscriberRows(
  name: string,
  foreignKey: Serde<unknown>,
  primaryKey: Serde<unknown>,
): StoreDefinition<KeyValueStore<Uint8Array, Subscriber>> {
  const format = `subscriber(${formatText(foreignKey)},${formatText(primaryKey)})`;
  return keyValueStore({ name, key: encodedKeys({ format, version: 1 }), value: subscriberSerde });
}

/** The length of the foreign key stands first, so no foreign key's rows lie among another's. */
export function subscriberKey(foreignKey: Uint8Array, primaryKey: Uint8Array): Uint8Array {
  return Buffer.concat([int32Part(foreignKey.length), foreignKey, primaryKey]);
}

/** The subscribers of a foreign key, in the order of their encoded primary keys. */
export function subscribersOf(foreignKey: Uint8Array): KeyRange<Uint8Array> {
  const first = Buffer.concat([int32Part(foreignKey.length), foreignKey]);
  return { gte: first, lt: behind(first) };
}

export function primaryKeyOf(key: Uint8Array, foreignKey: Uint8Array): Uint8Array {
  return key.subarray(int32Part(foreignKey.length).length + foreignKey.length);
}

/** The least key above all that begin with `prefix`; its length does not begin with 0xff. */
function behind(prefix: Buffer): Buffer {
  const last = prefix.findLastIndex((byte) => byte !== 0xff);
  const above = Buffer.from(prefix.subarray(0, last + 1));
  above[last] = (above[last] ?? 0) + 1;
  return above;
}

const subscriberSerde: Serde<Subscriber> = rangeSerde({
  format: 'subscriber',
  version: 1,
  serialize: ({ hash, partition }) => joinParts([int32Part(partition), hash]),
  deserializeRange(buffer, start, end) {
    const [partition, hash] = splitParts(buffer, start, end, 2);
    return { partition: present(partition).readInt32BE(0), hash: present(hash) };
  },
});

function joinedRowSerde<Left, VOut>(
  left: Serde<Left>,
  result: Serde<VOut>,
): Serde<JoinedRow<Left, VOut>> {
  return rangeSerde<JoinedRow<Left, VOut>>({
    format: `joined(${formatText(left)},${formatText(result)})`,
    version: 1,
    serialize: (row) =>
      joinParts([
        left.serialize(row.left),
        row.subscribed?.foreignKey ?? null,
        row.subscribed?.hash ?? null,
        row.rightTimestamp === null ? null : int64Part(row.rightTimestamp),
        row.result === null ? null : result.serialize(row.result),
      ]),
    deserializeRange(buffer, start, end) {
      const parts = splitParts(buffer, start, end, 5);
      const [leftPart, foreignKey = null, hash = null, rightTime = null, resultPart = null] = parts;
      return {
        left: left.deserialize(present(leftPart)),
        subscribed: foreignKey === null ? null : { foreignKey, hash: present(hash) },
        rightTimestamp: rightTime === null ? null : readInt64Part(rightTime),
        result: resultPart === null ? null : result.deserialize(resultPart),
      };
    },
  });
}
