import type { StreamRecord } from '../../core/model/record.ts';
import type { MatchedEvent, NamedEvents } from '../../core/serde/pattern-match.ts';
import type { Serde } from '../../core/serde/serde.ts';
import type { StoreDefinition } from '../../core/task/state-port.ts';
import type { ProcessorContext } from '../../core/topology/processor.ts';
import type { KeyValueStore } from '../../state/store.ts';
import type { Predicate } from './callbacks.ts';
import type { PatternRuns } from './pattern-runs.ts';

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

/** What the parts of a pattern's processor work with. */
export type PatternContext<K, V> = ProcessorContext<K, NamedEvents<V>>;
export type PatternEvent<K, V> = StreamRecord<K, V>;

/** Gives each number once. */
export type NextNumber = (timestamp: number) => number;

/** Writes the runs of a key; none are no row. */
export function putRuns<K, V>(
  store: KeyValueStore<K, PatternRuns<V>>,
  key: K,
  { runs, timestamp }: { readonly runs: PatternRuns<V>; readonly timestamp: number },
): void {
  store.put(key, runs.length === 0 ? null : { value: runs, timestamp });
}

/** Names the timer of a run's end. */
export function endOf(slot: number): string {
  return `end-${slot}`;
}

/** The events by the names of their steps. */
export function named<V>(
  names: readonly string[],
  events: readonly MatchedEvent<V>[],
): NamedEvents<V> {
  return Object.fromEntries(events.map((event, index) => [names[index] ?? '', event] as const));
}
