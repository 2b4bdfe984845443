import { headersOf } from '../../core/model/headers.ts';
import type { StreamRecord } from '../../core/model/record.ts';
import type { StoreDefinition } from '../../core/task/state-port.ts';
import type { FiredTimer, ProcessorContext } from '../../core/topology/processor.ts';
import { windowStore } from '../../state/store-definitions.ts';
import type { WindowStore } from '../../state/store.ts';
import { endOfTimer, endTimer } from './end-timer.ts';
import type { RowsOptions } from './stores.ts';
import { type WaitingRecord, waitingRecordSerde } from './waiting-record-serde.ts';
import { onlyEnd } from './window-rows.ts';

export type WaitingDefinition<K, V> = StoreDefinition<WindowStore<K, WaitingRecord<V>>>;

/** Each record is a window: it ends when its wait does, and starts at its number. */
export function waitingDefinition<K, V>({ name, key, value }: RowsOptions<K, V>) {
  return windowStore<K, WaitingRecord<V>>({ name, key, value: waitingRecordSerde(value) });
}

export interface GraceBufferSpec<K, V> {
  readonly rows: WaitingDefinition<K, V>;
  readonly graceMs: number;
  /** Called once the wait is over, in order of time, encoded key and arrival. */
  readonly release: (record: StreamRecord<K, V>) => void;
}

export interface GraceBuffer<K, V> {
  /** Keeps a record until its timestamp and the grace have passed; false if they have already. */
  readonly takes: (record: StreamRecord<K, V>) => boolean;
  readonly onTimer: (timer: FiredTimer) => void;
}

/** Records that wait in a store, one timer for all that are due at one time. */
export function graceBuffer<K, V>(
  context: ProcessorContext<never, never>,
  { rows, graceMs, release }: GraceBufferSpec<K, V>,
): GraceBuffer<K, V> {
  const waiting = context.store(rows);
  const setDue = endTimer(context, 'due', (dueMs) => dueMs);
  return {
    takes({ key, value, timestamp, headers }) {
      const dueMs = timestamp + graceMs;
      if (dueMs <= context.streamTimeMs) return false;
      const row = { value: { value, headers: headers.entries(), others: 0 }, timestamp };
      const first = waiting.get(key, 0, dueMs);
      if (first === undefined) {
        waiting.put(key, 0, dueMs, row);
      } else {
        const others = first.value.others + 1;
        waiting.put(key, others, dueMs, row);
        waiting.put(key, 0, dueMs, { ...first, value: { ...first.value, others } });
      }
      setDue(dueMs);
      return true;
    },
    onTimer(timer) {
      context.scan(waiting, onlyEnd(endOfTimer(timer)), ([{ key, startMs, endMs }, row]) => {
        waiting.remove(key, startMs, endMs);
        const { value, headers } = row.value;
        release({ key, value, timestamp: row.timestamp, headers: headersOf(headers) });
      });
    },
  };
}
