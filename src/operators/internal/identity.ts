import type { StreamRecord } from '../../core/model/record.ts';
import { json } from '../../core/serde/json.ts';
import type { Serde } from '../../core/serde/serde.ts';
import { type Mapper, undefinedValue } from './callbacks.ts';
import type { Handle } from './handle.ts';
import { resolveSerde } from './resolve-serde.ts';

/** By what an operator tells records apart, if not by their keys. */
export interface IdentityOptions<K, V, Id> {
  /** What stands for the record; null: it has no identity. Default: its key. */
  readonly by?: Mapper<K, V, Id>;
  /** How identities are encoded: equal bytes, equal identity. Default `json()`. */
  readonly identity?: Serde<NonNullable<Id>>;
}

export interface Identity<K, V> {
  readonly serde: Serde<unknown>;
  /** Null where the record has none. */
  of(record: StreamRecord<K, V>): unknown;
}

export function identityBy<K, V, Id>(
  from: Handle,
  node: string,
  { by, identity }: IdentityOptions<K, V, Id>,
): Identity<K, V> {
  if (by === undefined) {
    return { serde: resolveSerde('key', undefined, from, node), of: ({ key }) => key };
  }
  return {
    serde: identity ?? json<unknown>(),
    of(record) {
      const id = by(record.value, record.key, record);
      if (id === undefined) throw undefinedValue(node, '`by`');
      return id;
    },
  };
}
