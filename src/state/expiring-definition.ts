import { bytes } from '../core/serde/bytes.ts';
import { int64 } from '../core/serde/integers.ts';
import type { Serde } from '../core/serde/serde.ts';
import type { AnyStoreDefinition, StoreDefinition } from '../core/task/state-port.ts';
import type { KeyValueStore, WindowStore } from './store.ts';

/** A store whose rows expire, and what finds those that are due. */
export interface ExpiringDefinition<K, V> extends StoreDefinition<KeyValueStore<K, V>> {
  readonly expiry: Expiry<K>;
}

export interface Expiry<K> {
  readonly timeToLiveMs: number;
  readonly key: Serde<K>;
  /** Encoded keys by the time at which they are to be looked at: windows that end then. */
  readonly due: StoreDefinition<WindowStore<Uint8Array, number>>;
}

export function dueStoreOptions(name: string) {
  return { name: `${name}-expiry`, key: bytes(), value: int64() };
}

export function isExpiring(
  definition: AnyStoreDefinition,
): definition is ExpiringDefinition<unknown, unknown> {
  return 'expiry' in definition;
}
