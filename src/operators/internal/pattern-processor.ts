import { noHeaders } from '../../core/model/headers.ts';
import { keyBytes, trusted } from '../../core/serde/key-identity.ts';
import type { Serde } from '../../core/serde/serde.ts';
import type { FiredTimer, Processor } from '../../core/topology/processor.ts';
import type { KeyValueStore } from '../../state/store.ts';
import { offering } from './pattern-offering.ts';
import { firstMs, type PatternRuns } from './pattern-runs.ts';
import {
  type PatternContext,
  endOf,
  type PatternEvent,
  named,
  type NextNumber,
  type PatternSpec,
  putRuns,
} from './pattern-spec.ts';
import { type StoredRecord, storedRecordSerde } from './stored-record.ts';
import { closedUpTo } from './window-time.ts';

const eventTimer = 'event-';
const numberKey = 'next';

/**
 * Runs of one key lie in one row. A run has a timer for its end, named by its slot, so that a key
 * has never more timers than runs. With grace an event waits as the data of a timer: what comes of
 * it is then a unit of its own, and an error takes nothing else away. All these timers have the
 * bare key, so those of one moment run in the order in which runs began and events came.
 */
export function patternProcessor<K, V>(
  context: PatternContext<K, V>,
  spec: PatternSpec<K, V>,
): Processor<K | null, V | null> {
  const { graceMs, key: keySerde } = spec;
  const keys = trusted(keySerde);
  const events = storedRecordSerde(spec.value);
  const runs = context.store(spec.runs);
  const nextNumber = numbering(context, spec);
  const offer = offering(context, spec, { runs, nextNumber });
  const endRun = ending(context, spec, runs);
  const wait = graceMs === null ? null : waiting(context, spec, { graceMs, nextNumber, events });
  const closedEnd = closedUpTo(context, { graceMs: graceMs ?? 0 });
  return {
    process(record) {
      const { key, value, timestamp, headers } = record;
      if (key === null) return context.drop(record, 'null-key');
      if (value === null) return context.drop(record, 'null-value');
      if (wait === null) return offer({ key, value, timestamp, headers });
      if (timestamp < closedEnd()) return spec.refuseLate(context, record);
      wait({ key, value, timestamp, headers });
    },
    onTimer(timer) {
      const key = keys.deserialize(timer.key as Uint8Array); // all timers of this node have one
      if (!timer.name.startsWith(eventTimer)) return endRun(key, timer);
      const { value, timestamp, headers } = events.deserialize(timer.data as Uint8Array); // it carries one
      offer({ key, value: value as V, timestamp, headers }); // events have values
    },
    onCommit() {
      if (graceMs !== null) context.advanceClosed(context.streamTimeMs - graceMs);
    },
  };
}

/** Numbers that never come again, over all keys: a store per key could not forget them. */
function numbering<K, V>(
  context: PatternContext<K, V>,
  { numbers }: PatternSpec<K, V>,
): NextNumber {
  const store = context.store(numbers);
  return (timestamp) => {
    const number = store.get(numberKey)?.value ?? 0;
    store.put(numberKey, { value: number + 1, timestamp });
    return number;
  };
}

interface Waiting<V> {
  readonly graceMs: number;
  readonly nextNumber: NextNumber;
  readonly events: Serde<StoredRecord<V>>;
}

/** Lets an event wait until all that are accepted and older have come. */
function waiting<K, V>(
  context: PatternContext<K, V>,
  spec: PatternSpec<K, V>,
  { graceMs, nextNumber, events }: Waiting<V>,
) {
  return ({ key, value, timestamp, headers }: PatternEvent<K, V>): void => {
    context.schedule({
      at: timestamp + graceMs,
      name: `${eventTimer}${nextNumber(timestamp)}`,
      key: keyBytes(spec.key, key),
      data: events.serialize({ value, timestamp, headers, isMatched: false }) as Uint8Array, // never text
    });
  };
}

function ending<K, V>(
  context: PatternContext<K, V>,
  { withinMs, graceMs, timedOut, names }: PatternSpec<K, V>,
  store: KeyValueStore<K, PatternRuns<V>>,
) {
  return (key: K, timer: FiredTimer): void => {
    const row = store.get(key);
    const run = row?.value.find(({ slot }) => timer.name === endOf(slot));
    // A match has ended it before its time.
    if (row === undefined || run === undefined) return;
    const lastMs = firstMs(run) + withinMs;
    const at = lastMs + 1 + (graceMs ?? 0);
    // Set when it was given less time than it is now.
    if (at > context.streamTimeMs) {
      const { name, key: bytes, data } = timer;
      return context.schedule({ at, name, key: bytes as Uint8Array, data: data as Uint8Array }); // set so
    }
    putRuns(store, key, { runs: row.value.filter((own) => own !== run), timestamp: row.timestamp });
    if (timedOut === undefined) return;
    const value = named(names, run.events);
    context.forward({ key, value, timestamp: lastMs, headers: noHeaders }, timedOut);
  };
}
