import { bytes } from '../core/serde/bytes.ts';
import { json } from '../core/serde/json.ts';
import { keyBytes } from '../core/serde/key-identity.ts';
import type { Serde } from '../core/serde/serde.ts';
import { keyValueStore } from '../state/store-definitions.ts';
import type { Renamable } from './internal/renamable.ts';
import { type Mapper, undefinedValue } from './internal/callbacks.ts';
import type { Handle } from './internal/handle.ts';
import { requireKeyInPlace } from './internal/key-place.ts';
import { operatorNode } from './internal/node.ts';
import { resolveSerde } from './internal/resolve-serde.ts';
import type { Defined } from './internal/serdes.ts';

export interface DistinctUntilChangedOptions<K, V> extends Renamable {
  /** Names the node, its store and its changelog; a new name starts from an empty store. */
  readonly name: string;
  /** The part of a value that counts; null is as good as no value. Default: all of it. */
  readonly by?: Mapper<NonNullable<K>, NonNullable<V>, Defined>;
  /** How parts are encoded: equal bytes, equal part. Default: as the value is, or `json()`. */
  readonly part?: Serde<NonNullable<Defined>>;
}

export function distinctUntilChanged<K, V>(
  from: Handle,
  options: DistinctUntilChangedOptions<K, V>,
): Handle {
  const { name, by } = options;
  from.draft.renamed(options);
  requireKeyInPlace(from, name);
  const key = resolveSerde('key', undefined, from, name) as Serde<K>; // the input's own keys
  const encoded = keyValueStore({ name, key, value: bytes() });
  const given = options.part ?? (by === undefined ? undefined : json<unknown>());
  const serde = given ?? resolveSerde('value', undefined, from, name);
  const partOf: Mapper<NonNullable<K>, NonNullable<V>, unknown> = by ?? ((value) => value);
  const node = operatorNode<K | null, V | null, K, V | null>({
    kind: 'distinct-until-changed',
    name,
    parents: [from.node],
    stores: [encoded],
    createProcessor(context) {
      const store = context.store(encoded);
      return {
        process(record) {
          const { key: own, value, timestamp, headers } = record;
          if (own === null) return context.drop(record, 'null-key');
          const part = value === null ? null : partOf(value as never, own as never, record); // not null
          if (part === undefined) throw undefinedValue(name, '`by`');
          const last = store.get(own);
          const next = part === null ? null : keyBytes(serde, part);
          if (isSame(last?.value, next)) return;
          store.put(own, next === null ? null : { value: next, timestamp });
          context.forward({ key: own, value, timestamp, headers });
        },
      };
    },
  });
  return { ...from, node: from.draft.add(node), key };
}

/** Nothing seen yet, and nothing to see, are one. */
function isSame(last: Uint8Array | undefined, next: Uint8Array | null): boolean {
  if (last === undefined || next === null) return last === undefined && next === null;
  return Buffer.compare(last, next) === 0;
}
