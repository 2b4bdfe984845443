import { formatText } from '../../core/model/format-text.ts';
import type { Serde } from '../../core/serde/serde.ts';
import type { StoreDefinition } from '../../core/task/state-port.ts';
import { ByteReader } from '../../state/byte-reader.ts';
import { ByteWriter } from '../../state/byte-writer.ts';
import { keyValueStore } from '../../state/store-definitions.ts';
import type { KeyRange, KeyValueStore } from '../../state/store.ts';
import { encodedBytes, keyPair } from './encoded-bytes.ts';

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
  return keyValueStore({ name, key: encodedBytes({ format }), value: subscriberSerde });
}

const noKey = new Uint8Array();

/** The subscribers of a foreign key, in the order of their encoded primary keys. */
export function subscribersOf(foreignKey: Uint8Array): KeyRange<Uint8Array> {
  const first = keyPair(foreignKey, noKey);
  return { gte: first, lt: behind(first) };
}

/** The least key above all that begin with `prefix`; its length does not begin with 0xff. */
function behind(prefix: Buffer): Buffer {
  const last = prefix.findLastIndex((byte) => byte !== 0xff);
  const above = Buffer.from(prefix.subarray(0, last + 1));
  above[last] = (above[last] ?? 0) + 1;
  return above;
}

const writer = new ByteWriter();

/** `u32 partition · hash`, this behind its length. */
const subscriberSerde = Object.freeze<Serde<Subscriber>>({
  format: 'subscriber',
  version: 1,
  serialize({ hash, partition }) {
    writer.reset();
    writer.uint32(partition);
    writer.sized(hash);
    return writer.copy(0, writer.length);
  },
  deserialize(bytes) {
    const reader = new ByteReader(bytes);
    return { partition: reader.uint32(), hash: reader.sized() };
  },
});

/** In the place of the time of a right row that was not there. */
const noTime = -1;

/** `i64 right time · foreign key · hash · left · result`, these behind their lengths. */
function joinedRowSerde<Left, VOut>(
  left: Serde<Left>,
  result: Serde<VOut>,
): Serde<JoinedRow<Left, VOut>> {
  return Object.freeze<Serde<JoinedRow<Left, VOut>>>({
    format: `joined(${formatText(left)},${formatText(result)})`,
    version: 1,
    serialize(row) {
      const leftBytes = left.serialize(row.left);
      const resultBytes = row.result === null ? null : result.serialize(row.result);
      writer.reset();
      writer.int64(row.rightTimestamp ?? noTime);
      writer.sizedOrNull(row.subscribed?.foreignKey ?? null);
      writer.sizedOrNull(row.subscribed?.hash ?? null);
      writer.sized(leftBytes);
      writer.sizedOrNull(resultBytes);
      return writer.copy(0, writer.length);
    },
    deserialize(bytes) {
      const reader = new ByteReader(bytes);
      const rightTimestamp = reader.int64();
      const foreignKey = reader.sizedOrNull();
      const hash = reader.sizedOrNull();
      const leftRow = left.deserialize(reader.sized());
      const resultBytes = reader.sizedOrNull();
      return {
        left: leftRow,
        subscribed: foreignKey === null || hash === null ? null : { foreignKey, hash },
        rightTimestamp: rightTimestamp === noTime ? null : rightTimestamp,
        result: resultBytes === null ? null : result.deserialize(resultBytes),
      };
    },
  });
}
