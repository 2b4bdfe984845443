import type { Headers } from './headers.ts';

/** One event: what a source hands on, operators transform and a sink writes. Never mutated. */
export interface StreamRecord<K, V> {
  readonly key: K;
  readonly value: V;
  /** Event time, integer milliseconds since the epoch. */
  readonly timestamp: number;
  readonly headers: Headers;
}

/** A table's record for a key; `null` stands for "no row". */
export interface Change<V> {
  readonly oldValue: V | null;
  readonly newValue: V | null;
}

export type ChangeRecord<K, V> = StreamRecord<K, Change<V>>;

/** What a store keeps for a key: the value and the event time it is valid from. */
export interface Row<V> {
  readonly value: V;
  /** Event time, integer milliseconds since the epoch. */
  readonly timestamp: number;
}
