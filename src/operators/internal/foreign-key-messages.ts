import { formatText } from '../../core/model/format-text.ts';
import type { Serde } from '../../core/serde/serde.ts';
import { ByteReader } from '../../state/byte-reader.ts';
import { ByteWriter } from '../../state/byte-writer.ts';

/** Under its foreign key: a left row wants to be told of the right row of that key. */
export interface Subscription {
  /** Encoded; with the foreign key the subscriber's identity. */
  readonly primaryKey: Uint8Array;
  /** Where the left row lies: answers go there. */
  readonly partition: number;
  /** Of the left value; null ends the subscription. */
  readonly hash: Uint8Array | null;
}

/**
 * Under the primary key: the right row, or null. The record's time is that of the right row, or of
 * its delete, or of the subscription that found none.
 */
export interface Answer<Right> {
  /** Where the left row lies. */
  readonly partition: number;
  /** Of the left value that is answered: another one by now has its own answer under way. */
  readonly hash: Uint8Array;
  readonly right: Right | null;
}

const writer = new ByteWriter();

/** `u32 partition · hash · primary key`, these behind their lengths. */
export const subscriptionSerde = Object.freeze<Serde<Subscription>>({
  format: 'subscription',
  version: 1,
  serialize({ primaryKey, partition, hash }) {
    writer.reset();
    writer.uint32(partition);
    writer.sizedOrNull(hash);
    writer.sized(primaryKey);
    return writer.copy(0, writer.length);
  },
  deserialize(bytes) {
    const reader = new ByteReader(bytes);
    const partition = reader.uint32();
    const hash = reader.sizedOrNull();
    return { partition, hash, primaryKey: reader.sized() };
  },
});

/** `u32 partition · hash · right row`, these behind their lengths. */
export function answerSerde<Right>(right: Serde<Right>): Serde<Answer<Right>> {
  return Object.freeze<Serde<Answer<Right>>>({
    format: `answer(${formatText(right)})`,
    version: 1,
    serialize({ partition, hash, right: row }) {
      const rowBytes = row === null ? null : right.serialize(row);
      writer.reset();
      writer.uint32(partition);
      writer.sized(hash);
      writer.sizedOrNull(rowBytes);
      return writer.copy(0, writer.length);
    },
    deserialize(bytes) {
      const reader = new ByteReader(bytes);
      const partition = reader.uint32();
      const hash = reader.sized();
      const row = reader.sizedOrNull();
      return { partition, hash, right: row === null ? null : right.deserialize(row) };
    },
  });
}
