import { SerdeError } from '../../core/model/errors.ts';
import { formatText } from '../../core/model/format-text.ts';
import { readFrames, writeFrames } from '../../core/serde/frames.ts';
import { keyBytes } from '../../core/serde/key-identity.ts';
import type { Serde } from '../../core/serde/serde.ts';

/** What one of the rows is known by that are kept for a group. */
export interface GroupPart<K> {
  readonly group: K;
  /** Bytes, a character each. */
  readonly part: string;
}

export function groupPartSerde<K>(inner: Serde<K>): Serde<GroupPart<K>> {
  return Object.freeze<Serde<GroupPart<K>>>({
    format: `group-part(${formatText(inner)})`,
    version: 1,
    serialize: ({ group, part }) =>
      writeFrames([keyBytes(inner, group), Buffer.from(part, 'latin1')]),
    deserialize(bytes) {
      const [group, part] = readFrames(bytes);
      if (group === undefined || part === undefined) {
        throw new SerdeError('DESERIALIZATION', 'the bytes are no part of a group');
      }
      return { group: inner.deserialize(group), part: part.toString('latin1') };
    },
  });
}
