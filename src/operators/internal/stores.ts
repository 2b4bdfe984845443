import type { TimeWindows } from '../../core/model/windows.ts';
import type { Serde } from '../../core/serde/serde.ts';
import type { StoreDefinition } from '../../core/task/state-port.ts';
import { windowStore } from '../../state/store-definitions.ts';
import type { WindowStore } from '../../state/store.ts';

export interface RowsOptions<K, V> {
  readonly name: string;
  readonly key: Serde<K>;
  readonly value: Serde<V>;
}

export interface WindowRowsOptions<K, V> extends RowsOptions<K, V> {
  readonly windows: TimeWindows;
}

/** What the rows mean depends on the windows, but not on the grace: that may change. */
export function windowDefinition<K, V>({
  windows: { graceMs: _, ...detail },
  ...options
}: WindowRowsOptions<K, V>): StoreDefinition<WindowStore<K, V>> {
  return windowStore({ ...options, detail });
}
