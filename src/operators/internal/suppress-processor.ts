import { ProcessingError } from '../../core/model/errors.ts';
import { noHeaders } from '../../core/model/headers.ts';
import type { Change, Row } from '../../core/model/record.ts';
import type { Windowed } from '../../core/model/windows.ts';
import { keyBytes } from '../../core/serde/key-identity.ts';
import type { Serde } from '../../core/serde/serde.ts';
import type { StoreDefinition } from '../../core/task/state-port.ts';
import type { Processor, ProcessorContext } from '../../core/topology/processor.ts';
import type { KeyValueStore } from '../../state/store.ts';
import type { TableWindows } from './handle.ts';
import type { WaitingOrder } from './waiting-order.ts';
import { settled, type Waiting } from './waiting-serde.ts';

export interface Suppression<K, V> {
  /** Null: until the window closes. */
  readonly forMs: number | null;
  /** Null where the table has no windows. */
  readonly windows: TableWindows | null;
  readonly rows: StoreDefinition<KeyValueStore<K, Waiting<V>>>;
  /** Its bytes are in the order in which rows due at one time leave. */
  readonly key: Serde<K>;
  readonly maxKeys: number | null;
  readonly whenFull: 'emit-oldest' | 'fail';
}

/**
 * Folds the changes of a key until its timer. A key has one row and one timer, from its first
 * change on: while it waits, the row holds what is to be told, and what was told before; then only
 * the time of what was told, which the change after it does not say. The timer then is that of the
 * window's close, which takes the row away.
 */
export function suppressProcessor<K, V>(
  context: ProcessorContext<K, Change<V>>,
  suppression: Suppression<K, V>,
  order: WaitingOrder | null,
): Processor<K, Change<V>> {
  const { forMs, windows, key: serde, maxKeys, whenFull } = suppression;
  const rows = context.store(suppression.rows);
  const closeOf = closeTimes<K>(windows);
  const setTimer = (at: number, key: K): void =>
    context.schedule({ name: 'emit', at, key: keyBytes(serde, key) });

  /** What is left of a row that was told as it is now. */
  function settle(key: K, { newValue }: Waiting<V>, timestamp: number): void {
    const closeMs = closeOf(key);
    const isOver = newValue === null || closeMs <= context.streamTimeMs;
    rows.put(key, isOver ? null : { value: settled, timestamp });
    if (!isOver && closeMs < Infinity) setTimer(closeMs, key);
  }

  function emit(key: K, { value: waiting, timestamp }: Row<Waiting<V>>): void {
    const { emitted, newValue, place } = waiting;
    if (place !== null) order?.remove(place);
    // Before it leaves: a lookup below finds what was forwarded.
    settle(key, waiting, timestamp);
    if (emitted === null && newValue === null) return;
    const value = { oldValue: emitted?.value ?? null, newValue };
    context.forward({ key, value, timestamp, headers: noHeaders });
  }

  function emitOldest(waitingOrder: WaitingOrder): void {
    const { place, encodedKey } = waitingOrder.oldest();
    const key = serde.deserialize(encodedKey);
    const row = rows.get(key);
    // Places outlive their keys if the bound was taken away for some time.
    if (row?.value.place === place) emit(key, row);
    else waitingOrder.remove(place);
  }

  /** Makes room for a key and gives it its place. */
  function admit(key: K): number | null {
    if (order === null || maxKeys === null) return null;
    while (order.size >= maxKeys) {
      if (whenFull === 'fail') throw full(context.node, maxKeys);
      emitOldest(order);
    }
    return order.append(keyBytes(serde, key));
  }

  return {
    process({ key, value: { oldValue, newValue }, timestamp }) {
      const row = rows.get(key);
      if (row !== undefined && row.value.dueMs !== null) {
        rows.put(key, { value: { ...row.value, newValue }, timestamp });
        return;
      }
      const place = admit(key);
      const dueMs = forMs === null ? closeOf(key) : timestamp + forMs;
      const emittedAt = row?.timestamp ?? timestamp;
      const emitted = oldValue === null ? null : { value: oldValue, timestamp: emittedAt };
      rows.put(key, { value: { dueMs, place, emitted, newValue }, timestamp });
      setTimer(dueMs, key);
    },
    onTimer(timer) {
      if (timer.key === null) return;
      const key = serde.deserialize(timer.key);
      const row = rows.get(key);
      if (row === undefined) return;
      if (row.value.dueMs === null) {
        if (closeOf(key) <= context.streamTimeMs) rows.put(key, null);
        return;
      }
      // The grace may be longer now than when the timer was set.
      const dueMs = forMs === null ? closeOf(key) : row.value.dueMs;
      if (dueMs > context.streamTimeMs) setTimer(dueMs, key);
      else emit(key, row);
    },
  };
}

/** When the window of a key closes; never where it has none. */
function closeTimes<K>(windows: TableWindows | null): (key: K) => number {
  const closeAfterMs = windows?.closeAfterMs ?? null;
  if (closeAfterMs === null) return () => Infinity;
  return (key) => (key as Windowed<K>).endMs + closeAfterMs; // tables with windows have such keys
}

function full(node: string, maxKeys: number): ProcessingError {
  return new ProcessingError(
    'SUPPRESS_FULL',
    `A key would wait in '${node}' above its \`maxKeys\`, ${maxKeys}. Raise that, wait for a ` +
      "shorter time, or, with `for`, let `whenFull: 'emit-oldest'` make room.",
    { where: { node } },
  );
}
