import { formatText } from '../../core/model/format-text.ts';
import { keyBytes, trusted } from '../../core/serde/key-identity.ts';
import { rangeSerde } from '../../core/serde/range-serde.ts';
import type { Serde } from '../../core/serde/serde.ts';
import type { StoreDefinition } from '../../core/task/state-port.ts';
import { keyValueStore } from '../../state/store-definitions.ts';
import type { KeyValueStore } from '../../state/store.ts';

/** What closed windows leave to those that begin later. */
export interface SlidingBase<A> {
  /** Windows up to this end are in it; the timer of one that is closed may still be to come. */
  readonly endMs: number;
  readonly value: A;
}

/**
 * What the last closed window of a key held, and what has come since and would lie in it: the rows
 * of windows that begin later, before any other that is stored, are copied from here.
 */
export type SlidingBasesDefinition<K, A> = StoreDefinition<KeyValueStore<K, SlidingBase<A>>>;

export function slidingBasesDefinition<K, A>(
  name: string,
  key: Serde<K>,
  value: Serde<A>,
): SlidingBasesDefinition<K, A> {
  return keyValueStore({ name: `${name}-base`, key, value: slidingBaseSerde(value) });
}

const endBytes = 8;

/** The end, a double in 8 bytes, then the value. */
function slidingBaseSerde<A>(inner: Serde<A>): Serde<SlidingBase<A>> {
  const values = trusted(inner);
  return rangeSerde<SlidingBase<A>>({
    format: `sliding-base(${formatText(inner)})`,
    version: 1,
    serialize({ endMs, value }) {
      const bytes = keyBytes(values, value);
      const target = Buffer.allocUnsafe(endBytes + bytes.length);
      target.writeDoubleBE(endMs);
      target.set(bytes, endBytes);
      return target;
    },
    deserializeRange(buffer, start, end) {
      const value = values.deserialize(buffer.subarray(start + endBytes, end));
      return { endMs: buffer.readDoubleBE(start), value };
    },
  });
}
