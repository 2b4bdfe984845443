import { formatText } from '../../core/model/format-text.ts';
import type { StreamRecord } from '../../core/model/record.ts';
import { keyBytes } from '../../core/serde/key-identity.ts';
import type { Serde } from '../../core/serde/serde.ts';
import type { StoreDefinition } from '../../core/task/state-port.ts';
import type { FiredTimer, ProcessorContext } from '../../core/topology/processor.ts';
import { orderedWindowKey } from './ordered-window-key.ts';
import { appendRecord, countPages, pageAt, type RecordPages, recordPages } from './record-pages.ts';
import { storedRecord } from './stored-record.ts';
import type { RowsOptions } from './stores.ts';

/** Records that wait for a time, each with the moment it is due. */
export interface WaitingRecords<K, V> {
  readonly store: StoreDefinition<RecordPages<K | null, V>>;
  open(context: ProcessorContext<K | null, V | null>): OpenWaitingRecords<K, V>;
}

export interface OpenWaitingRecords<K, V> {
  wait(record: StreamRecord<K | null, V | null>, due: WaitingTime): void;
  /** What was waiting for the timer, in order of arrival; empty for timers of others. */
  due(timer: FiredTimer): readonly StreamRecord<K | null, V | null>[];
}

export interface WaitingTime {
  readonly at: number;
  readonly by: 'stream-time' | 'wall-clock';
}

const timerName = 'due';

/** Records due at one time leave in order of their encoded keys, null first, then arrival. */
export function waitingRecords<K, V>(options: RowsOptions<K, V>): WaitingRecords<K, V> {
  const key = orNull(options.key);
  const definition = recordPages<K | null, V>({ ...options, key });
  const timerKeys = orderedWindowKey(key);
  return {
    store: definition,
    open(context) {
      const store = context.store(definition);
      return {
        wait(record, { at, by }) {
          const place = { key: record.key, endMs: at };
          appendRecord(store, place, storedRecord(record));
          const bytes = timerKeys.serialize({ ...place, startMs: 0 }) as Uint8Array; // never text
          context.schedule({ at, name: timerName, key: bytes, by });
        },
        due({ name, key: bytes }) {
          if (name !== timerName || bytes === null) return [];
          const { key: own, endMs } = timerKeys.deserialize(bytes);
          const pages = countPages(store, own, endMs);
          const records: StreamRecord<K | null, V | null>[] = [];
          for (let page = 0; page < pages; page++) {
            for (const stored of pageAt(store, { key: own, page, endMs }).records) {
              const { value, timestamp, headers } = stored;
              records.push({ key: own, value, timestamp, headers });
            }
            store.remove(own, page, endMs);
          }
          return records;
        },
      };
    },
  };
}

/** A byte in front of the key: 0 for null, which comes first, 1 for the others. */
function orNull<K>(inner: Serde<K>): Serde<K | null> {
  return Object.freeze<Serde<K | null>>({
    format: `or-null(${formatText(inner)})`,
    version: 1,
    serialize: (key) =>
      key === null ? Buffer.of(0) : Buffer.concat([Buffer.of(1), keyBytes(inner, key)]),
    deserialize: (bytes) => (bytes[0] === 0 ? null : inner.deserialize(bytes.subarray(1))),
  });
}
