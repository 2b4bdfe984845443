import { maxTimeMs } from '../../core/model/duration.ts';
import { noHeaders } from '../../core/model/headers.ts';
import type { Row } from '../../core/model/record.ts';
import { keyBytes } from '../../core/serde/key-identity.ts';
import type { AnyStoreDefinition, StoreDefinition } from '../../core/task/state-port.ts';
import type { FiredTimer, ProcessorContext } from '../../core/topology/processor.ts';
import { type ExpiringDefinition, isExpiring } from '../../state/expiring-definition.ts';
import type { KeyValueStore } from '../../state/store.ts';
import { endOfTimer, endTimer } from './end-timer.ts';
import { onlyEnd } from './window-rows.ts';

type ExpiryContext = Pick<
  ProcessorContext<never, never>,
  'drop' | 'scan' | 'schedule' | 'store' | 'streamTimeMs'
>;

/** Told of a row that was removed because its time is over. */
export type Expired<K, V> = (key: K, row: Row<V>, timestamp: number) => void;

export interface ExpiringRows<K, V> {
  /** Refuses what has expired already, and removes what does later. */
  readonly store: KeyValueStore<K, V>;
  /** Whether a row of this time would expire before anybody could read it. */
  readonly isOver: (timestamp: number) => boolean;
  /** Whether the timer was its own. */
  readonly onTimer: (timer: FiredTimer) => boolean;
}

/** The time to live is told under this key and end, which no row has. */
const noKey = new Uint8Array();

/** The stores that a node needs for a store beside it. */
export function storesFor(definition: AnyStoreDefinition): readonly AnyStoreDefinition[] {
  return isExpiring(definition) ? [definition, definition.expiry.due] : [definition];
}

/** The rows of a store as a node works with them, whether they expire or not. */
export function rowsOf<K, V>(
  context: ExpiryContext,
  definition: StoreDefinition<KeyValueStore<K, V>>,
  expired: Expired<K, V>,
): ExpiringRows<K, V> {
  if (isExpiring(definition)) {
    return expiringRows(context, definition as ExpiringDefinition<K, V>, expired); // of these rows
  }
  const store = context.store(definition);
  return { store, isOver: () => false, onTimer: () => false };
}

/**
 * A key that lives is noted under one time at which it is looked at: its row's end or before. A row
 * that was renewed since is then noted anew, so that a key which is written often costs a write
 * every time to live, and one timer serves all keys of a time.
 */
export function expiringRows<K, V>(
  context: ExpiryContext,
  definition: ExpiringDefinition<K, V>,
  expired: Expired<K, V>,
): ExpiringRows<K, V> {
  const { key: serde, timeToLiveMs } = definition.expiry;
  const rows = context.store(definition);
  const due = context.store(definition.expiry.due);
  const timerName = `millrace.expiry.${definition.name}`;
  const setExpiry = endTimer(context, timerName, (endMs) => endMs);
  const note = (key: K, endMs: number) => {
    if (endMs > maxTimeMs) return;
    due.put(keyBytes(serde, key), 0, endMs, { value: 0, timestamp: 0 });
    setExpiry(endMs);
  };
  /** Rows that were written under a longer time to live, or none, are noted under this one. */
  const adopt = () => {
    const before = due.get(noKey, 0, 0)?.value ?? Infinity;
    if (before === timeToLiveMs) return;
    due.put(noKey, 0, 0, { value: timeToLiveMs, timestamp: 0 });
    if (before < timeToLiveMs) return;
    context.scan(rows, {}, ([key, { timestamp }]) => note(key, timestamp + timeToLiveMs));
  };
  const isOver = (timestamp: number) => timestamp + timeToLiveMs <= context.streamTimeMs;
  const put = (key: K, row: Row<V> | null) => {
    adopt();
    if (row !== null) {
      if (isOver(row.timestamp)) {
        return context.drop({ key, ...row, headers: noHeaders }, 'expired');
      }
      const before = rows.get(key);
      const isNotedLater = before === undefined || row.timestamp < before.timestamp;
      if (isNotedLater) note(key, row.timestamp + timeToLiveMs);
    }
    rows.put(key, row);
  };
  const look = (bytes: Uint8Array, endMs: number) => {
    due.remove(bytes, 0, endMs);
    const key = serde.deserialize(bytes);
    const row = rows.get(key);
    if (row === undefined) return;
    const rowEndMs = row.timestamp + timeToLiveMs;
    if (rowEndMs > context.streamTimeMs) return note(key, rowEndMs);
    rows.put(key, null);
    expired(key, row, rowEndMs);
  };
  return {
    store: {
      get: (key) => rows.get(key),
      committed: (key) => rows.committed(key),
      told: (key) => rows.told(key),
      changes: (visit) => rows.changes(visit),
      openScan: (range) => rows.openScan(range),
      put,
    },
    isOver,
    onTimer(timer) {
      if (timer.name !== timerName) return false;
      const endMs = endOfTimer(timer);
      context.scan(due, onlyEnd(endMs), ([{ key }]) => look(key, endMs));
      return true;
    },
  };
}
