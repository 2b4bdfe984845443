import { formatText } from '../../core/model/format-text.ts';
import { bytes } from '../../core/serde/bytes.ts';
import { rangeSerde } from '../../core/serde/range-serde.ts';
import type { Serde } from '../../core/serde/serde.ts';
import { int32Part, joinParts, present, splitParts } from './byte-parts.ts';

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

export const subscriptionSerde: Serde<Subscription> = rangeSerde({
  format: 'subscription',
  version: 1,
  serialize: ({ primaryKey, partition, hash }) =>
    joinParts([int32Part(partition), hash, primaryKey]),
  deserializeRange(buffer, start, end) {
    const [partition, hash = null, primaryKey] = splitParts(buffer, start, end, 3);
    return { partition: present(partition).readInt32BE(0), hash, primaryKey: present(primaryKey) };
  },
});

export function answerSerde<Right>(right: Serde<Right>): Serde<Answer<Right>> {
  return rangeSerde({
    format: `answer(${formatText(right)})`,
    version: 1,
    serialize: ({ partition, hash, right: row }) =>
      joinParts([int32Part(partition), hash, row === null ? null : right.serialize(row)]),
    deserializeRange(buffer, start, end) {
      const [partition, hash, row = null] = splitParts(buffer, start, end, 3);
      return {
        partition: present(partition).readInt32BE(0),
        hash: present(hash),
        right: row === null ? null : right.deserialize(row),
      };
    },
  });
}

/** Keys that stay encoded: named and partitioned as the serde that encoded them says. */
export function encodedKeys({
  format,
  version,
  partitionBytes,
}: Pick<Serde<unknown>, 'format' | 'version' | 'partitionBytes'>): Serde<Uint8Array> {
  return Object.freeze({
    ...bytes(),
    format,
    version,
    ...(partitionBytes === undefined ? {} : { partitionBytes }),
  });
}
