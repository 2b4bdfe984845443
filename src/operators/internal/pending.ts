import type { Change, Row } from '../../core/model/record.ts';
import type { Serde } from '../../core/serde/serde.ts';
import type { StoreDefinition } from '../../core/task/state-port.ts';
import type { ProcessorContext } from '../../core/topology/processor.ts';
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

/**
 * Folds changes until the next multiple of the period. All keys that wait at one node wait for the
 * same multiple, so one timer serves them, and the store is scanned in the order of its keys.
 */
export function pendingEmission<K, V>(
  context: ProcessorContext<K, Change<V>>,
  { policy: { everyMs, by }, pending, current, emitted }: PendingRows<K, V>,
): Emission<K, V> {
  const waiting = context.store(pending);
  const emit = ([key, { value, timestamp }]: readonly [K, Row<Pending<V>>]): void => {
    const row = current(key);
    waiting.put(key, null);
    if (value.emitted !== null || row !== undefined) {
      context.forward(changeRecord(key, value.emitted, row, row?.timestamp ?? timestamp));
    }
    emitted?.(key);
  };
  const emitAll = (): void => context.scan(waiting, {}, emit);
  if (by === 'wall-clock') context.schedule({ every: everyMs, by }, emitAll);
  return {
    update(key, row, newRow, timestamp) {
      const first = waiting.get(key);
      if (first === undefined) {
        waiting.put(key, { value: { emitted: row ?? null }, timestamp });
        if (by === 'wall-clock') return;
        const { streamTimeMs } = context;
        context.schedule({ at: streamTimeMs - (streamTimeMs % everyMs) + everyMs, name: 'emit' });
      } else if (newRow === null) {
        // The row that would tell the time of the tombstone is gone.
        waiting.put(key, { value: first.value, timestamp });
      }
    },
    onTimer: emitAll,
  };
}
