import type { Change, Row } from '../../core/model/record.ts';
import type { Serde } from '../../core/serde/serde.ts';
import type { StoreDefinition } from '../../core/task/state-port.ts';
import type { FiredTimer, ProcessorContext } from '../../core/topology/processor.ts';
import { keyValueStore } from '../../state/store-definitions.ts';
import type { KeyValueStore } from '../../state/store.ts';
import type { Every } from './emit.ts';
import { changeRecord, type Emission } from './emission.ts';
import { type Pending, pendingSerde } from './pending-serde.ts';

export type PendingDefinition<K, V> = StoreDefinition<KeyValueStore<K, Pending<V>>>;

export interface PendingRows<K, V> {
  readonly policy: Every;
  readonly pending: PendingDefinition<K, V>;
  /** The row as it is now. */
  readonly current: (key: K) => Row<V> | undefined;
  /** Called for a key that waits no longer. */
  readonly emitted?: (key: K) => void;
}

/** What `every` keeps beside the rows: the keys that wait, and what was last told of them. */
export function pendingDefinition<K, V>(
  name: string,
  key: Serde<K>,
  value: Serde<V>,
): PendingDefinition<K, V> {
  return keyValueStore({ name: `${name}-pending`, key, value: pendingSerde(value) });
}

/** Of the multiples that may be waited for at one time: the one that is now, and the next. */
const timerNames = ['emit', 'emit-next'] as const;

export function isEmitTimer({ name }: FiredTimer): boolean {
  return name === timerNames[0] || name === timerNames[1];
}

/**
 * Folds changes until the next multiple of the period. One timer serves all keys that wait for one
 * multiple, and the store is scanned in the order of its keys.
 */
export function pendingEmission<K, V>(
  context: ProcessorContext<K, Change<V>>,
  { policy: { everyMs, by }, pending, current, emitted }: PendingRows<K, V>,
): Emission<K, V> {
  const waiting = context.store(pending);
  const emit = ([key, { value, timestamp }]: readonly [K, Row<Pending<V>>], nowMs: number) => {
    // What came at the very time of the timer, before it, waits for the next.
    if (value.dueMs > nowMs) return;
    const row = current(key);
    waiting.put(key, null);
    if (value.emitted !== null || row !== undefined) {
      context.forward(changeRecord(key, value.emitted, row, row?.timestamp ?? timestamp));
    }
    emitted?.(key);
  };
  const emitUpTo = (nowMs: number): void =>
    context.scan(waiting, {}, (entry) => emit(entry, nowMs));
  if (by === 'wall-clock') {
    context.schedule({ every: everyMs, by }, () => emitUpTo(Infinity));
  }
  return {
    update(key, row, newRow, timestamp) {
      const first = waiting.get(key);
      if (first === undefined) {
        const isTimed = by === 'stream-time';
        const turn = Math.floor(context.streamTimeMs / everyMs) + 1;
        const dueMs = isTimed ? turn * everyMs : 0;
        waiting.put(key, { value: { dueMs, emitted: row ?? null }, timestamp });
        if (isTimed) context.schedule({ at: dueMs, name: timerNames[turn % 2 === 0 ? 0 : 1] });
      } else if (newRow === null) {
        // The row that would tell the time of the tombstone is gone.
        waiting.put(key, { value: first.value, timestamp });
      }
    },
    onTimer: ({ timeMs }) => emitUpTo(timeMs),
  };
}
