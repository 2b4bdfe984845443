import type { Row } from '../../core/model/record.ts';
import type { Windowed } from '../../core/model/windows.ts';
import type { StoreDefinition } from '../../core/task/state-port.ts';
import type { WindowRange, WindowStore } from '../../state/store.ts';
import type { RowsOptions } from './stores.ts';
import type { WindowTimersOf } from './window-timers.ts';

/** Rows that are of use only while their window is open. */
export type OpenWindowRows = StoreDefinition<WindowStore<unknown, unknown>>;

/** A windowed aggregation as its emission sees it. */
export interface WindowRows<K, V> extends RowsOptions<K, V> {
  readonly rows: StoreDefinition<WindowStore<K, V>>;
  /** How long after its end a window closes; for sessions the gap is part of it. */
  readonly windows: { readonly graceMs: number };
  /** How long after its close a row is kept. */
  readonly retentionMs: number;
  /** When a row was deleted, where its window tells it. */
  readonly deletedAtMs?: (windowed: Windowed<K>) => number;
  /** Default: a timer for each window end. */
  readonly timers?: WindowTimersOf<K, V>;
  /** Removed at the close, whatever the policy. */
  readonly stores?: readonly OpenWindowRows[];
}

/** Calls back for each row whose time has come, in order of key and window. */
export type DueRows<K, V> = (
  visit: (entry: readonly [windowed: Windowed<K>, row: Row<V>]) => void,
) => void;

/** The windows with one end. */
export function onlyEnd(endMs: number): WindowRange {
  return { gteEndMs: endMs, ltEndMs: endMs + 1 };
}

/** When the rows of windows with this end are removed. */
export function expiryOf<K, V>({ windows, retentionMs }: WindowRows<K, V>, endMs: number): number {
  return endMs + windows.graceMs + retentionMs;
}

export function getRow<K, V>(store: WindowStore<K, V>, { key, startMs, endMs }: Windowed<K>) {
  return store.get(key, startMs, endMs);
}

export function removeRow<K, V>(
  store: WindowStore<K, V>,
  { key, startMs, endMs }: Windowed<K>,
): void {
  store.remove(key, startMs, endMs);
}
