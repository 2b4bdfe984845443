import type { StreamRecord } from '../../core/model/record.ts';
import type { StoreDefinition } from '../../core/task/state-port.ts';
import type { FiredTimer, ProcessorContext } from '../../core/topology/processor.ts';
import { endOfTimer, endTimer } from './end-timer.ts';
import { appendRecord, type RecordPages } from './record-pages.ts';
import { storedRecord } from './stored-record.ts';
import { onlyEnd } from './window-rows.ts';

export interface GraceBufferSpec<K, V> {
  /** The records of a key that are due at one time lie in one list. */
  readonly rows: StoreDefinition<RecordPages<K, V>>;
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
    takes(record) {
      const endMs = record.timestamp + graceMs;
      if (endMs <= context.streamTimeMs) return false;
      appendRecord(waiting, { key: record.key, endMs }, storedRecord<V>(record));
      setDue(endMs);
      return true;
    },
    onTimer(timer) {
      context.scan(waiting, onlyEnd(endOfTimer(timer)), ([{ key, startMs, endMs }, page]) => {
        waiting.remove(key, startMs, endMs);
        for (const { value, timestamp, headers } of page.value.records) {
          release({ key, value: value as V, timestamp, headers }); // records without one do not wait
        }
      });
    },
  };
}
