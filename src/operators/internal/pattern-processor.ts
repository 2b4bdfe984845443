import { noHeaders } from '../../core/model/headers.ts';
import type { StreamRecord } from '../../core/model/record.ts';
import { keyBytes, trusted } from '../../core/serde/key-identity.ts';
import type { MatchedEvent, NamedEvents } from '../../core/serde/pattern-match.ts';
import type { Serde } from '../../core/serde/serde.ts';
import type { StoreDefinition } from '../../core/task/state-port.ts';
import type { FiredTimer, Processor, ProcessorContext } from '../../core/topology/processor.ts';
import type { KeyValueStore } from '../../state/store.ts';
import type { Predicate } from './callbacks.ts';
import { firstMs, freeSlot, type PatternRun, type PatternRuns } from './pattern-runs.ts';
import { readWaiting, waitingBytes } from './waiting-event.ts';
import { closedUpTo } from './window-time.ts';

/** A pattern with its options checked. */
export interface PatternSpec<K, V> {
  readonly names: readonly string[];
  readonly predicates: readonly Predicate<K, V>[];
  readonly withinMs: number;
  /** Null: events are taken as they come. */
  readonly graceMs: number | null;
  readonly isDisjoint: boolean;
  readonly maxRuns: number;
  readonly key: Serde<K>;
  readonly value: Serde<V>;
  readonly runs: StoreDefinition<KeyValueStore<K, PatternRuns<V>>>;
  readonly numbers: StoreDefinition<KeyValueStore<string, number>>;
  /** The children that get matches and timeouts; undefined: there is only one way, or none. */
  readonly main: string | undefined;
  readonly timedOut: string | undefined;
  readonly refuseLate: (
    context: ProcessorContext<never, never>,
    record: StreamRecord<K | null, V | null>,
  ) => void;
}

type Context<K, V> = ProcessorContext<K, NamedEvents<V>>;
type Event<K, V> = StreamRecord<K, V>;

const nextNumber = 'next';

/**
 * Runs of one key lie in one row. A run has a timer for its end, named by its slot, so that a key
 * has never more timers than runs. With grace an event waits as the data of a timer: what comes of
 * it is then a unit of its own, and an error takes nothing else away.
 */
export function patternProcessor<K, V>(
  context: Context<K, V>,
  spec: PatternSpec<K, V>,
): Processor<K | null, V | null> {
  const { graceMs, key: keySerde, value: valueSerde } = spec;
  const keys = trusted(keySerde);
  const values = trusted(valueSerde);
  const runs = context.store(spec.runs);
  const offer = offering(context, spec, runs);
  const endRun = ending(context, spec, runs);
  const wait = graceMs === null ? null : waiting(context, spec, graceMs);
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
      if (timer.data === null) return endRun(key, timer);
      offer({ key, ...readWaiting(values, timer.data) });
    },
    onCommit() {
      if (graceMs !== null) context.advanceClosed(context.streamTimeMs - graceMs);
    },
  };
}

/** Lets an event wait until all that are accepted and older have come. */
function waiting<K, V>(context: Context<K, V>, spec: PatternSpec<K, V>, graceMs: number) {
  const numbers = context.store(spec.numbers);
  return (event: Event<K, V>): void => {
    const { key, timestamp } = event;
    const number = numbers.get(nextNumber)?.value ?? 0;
    numbers.put(nextNumber, { value: number + 1, timestamp });
    context.schedule({
      at: timestamp + graceMs,
      name: `event-${number}`,
      key: keyBytes(spec.key, key),
      data: waitingBytes(spec.value, event),
    });
  };
}

function ending<K, V>(
  context: Context<K, V>,
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
      return context.schedule({ at, name: timer.name, key: timer.key as Uint8Array }); // as it was set
    }
    putRuns(store, key, { runs: row.value.filter((own) => own !== run), timestamp: row.timestamp });
    if (timedOut === undefined) return;
    const value = named(names, run.events);
    context.forward({ key, value, timestamp: lastMs, headers: noHeaders }, timedOut);
  };
}

/** Offers an event to the runs of its key, oldest first; then it may begin one. */
function offering<K, V>(
  context: Context<K, V>,
  spec: PatternSpec<K, V>,
  store: KeyValueStore<K, PatternRuns<V>>,
) {
  const { names, withinMs, isDisjoint, main } = spec;
  const satisfies = judging(spec);
  const tell = (events: readonly MatchedEvent<V>[], { key, headers }: Event<K, V>): void => {
    const timestamp = events.reduce((latest, own) => Math.max(latest, own.timestamp), 0);
    context.forward({ key, value: named(names, events), timestamp, headers }, main);
  };
  const begin = beginning(context, spec);
  return (event: Event<K, V>): void => {
    const { key, value, timestamp } = event;
    const judge = satisfies(event);
    const before = store.get(key)?.value ?? [];
    let runs: PatternRun<V>[] | null = null;
    for (const [index, run] of before.entries()) {
      const { slot, events } = run;
      const startMs = firstMs(run);
      const isInside = startMs <= timestamp && timestamp <= startMs + withinMs;
      if (!isInside || !judge(events.length)) {
        runs?.push(run);
        continue;
      }
      runs ??= before.slice(0, index);
      const longer = [...events, { value, timestamp }];
      if (longer.length < names.length) {
        runs.push({ slot, events: longer });
        continue;
      }
      if (isDisjoint) putRuns(store, key, { runs: [], timestamp });
      tell(longer, event);
      if (isDisjoint) return;
    }
    if (judge(0)) {
      if (names.length === 1) tell([{ value, timestamp }], event);
      else runs = begin(event, runs ?? before);
    }
    if (runs !== null) putRuns(store, key, { runs, timestamp });
  };
}

function beginning<K, V>(
  context: Context<K, V>,
  { withinMs, graceMs, maxRuns, key: keySerde }: PatternSpec<K, V>,
) {
  return (event: Event<K, V>, before: PatternRuns<V>): PatternRun<V>[] => {
    const { key, value, timestamp } = event;
    const ended = before.slice(0, Math.max(0, before.length + 1 - maxRuns));
    for (const { events } of ended) {
      const [first = event] = events;
      const { value: own, timestamp: ownMs } = first;
      context.drop({ key, value: own, timestamp: ownMs, headers: noHeaders }, 'run-limit');
    }
    const runs = before.slice(ended.length);
    const slot = freeSlot(runs);
    const at = timestamp + withinMs + 1 + (graceMs ?? 0);
    context.schedule({ at, name: endOf(slot), key: keyBytes(keySerde, key) });
    return [...runs, { slot, events: [{ value, timestamp }] }];
  };
}

/** Each predicate is asked at most once for an event, however many runs wait for it. */
function judging<K, V>({ predicates }: PatternSpec<K, V>) {
  const verdicts: (boolean | undefined)[] = [];
  let event: Event<K, V>;
  const judge = (step: number): boolean => {
    const known = verdicts[step];
    if (known !== undefined) return known;
    const verdict = predicates[step]?.(event.value, event.key, event) ?? false;
    verdicts[step] = verdict;
    return verdict;
  };
  return (next: Event<K, V>) => {
    event = next;
    verdicts.length = 0;
    return judge;
  };
}

function putRuns<K, V>(
  store: KeyValueStore<K, PatternRuns<V>>,
  key: K,
  { runs, timestamp }: { readonly runs: PatternRuns<V>; readonly timestamp: number },
): void {
  store.put(key, runs.length === 0 ? null : { value: runs, timestamp });
}

function endOf(slot: number): string {
  return `end-${slot}`;
}

function named<V>(names: readonly string[], events: readonly MatchedEvent<V>[]): NamedEvents<V> {
  return Object.fromEntries(events.map((event, index) => [names[index] ?? '', event] as const));
}
