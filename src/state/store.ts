import type { Row } from '../core/model/record.ts';
import type { Windowed } from '../core/model/windows.ts';
import type { Scannable } from '../core/task/state-port.ts';

/** Bounds by key, in encoded order; an empty range is everything. */
export interface KeyRange<K> {
  readonly gte?: K;
  readonly gt?: K;
  readonly lt?: K;
  readonly lte?: K;
}

/**
 * One row per key. Reads see uncommitted writes. `get` and `put` are synchronous; ranging goes
 * through `context.scan`. Rows and their values must not be mutated.
 */
export interface KeyValueStore<K, V> extends Scannable<KeyRange<K>, readonly [K, Row<V>]> {
  get(key: K): Row<V> | undefined;
  /** The row as last committed: what `changes` tells as `oldRow`. */
  committed(key: K): Row<V> | undefined;
  /** The row as `changes` told it last: as committed, unless it was told since. */
  told(key: K): Row<V> | undefined;
  /** `null` deletes. */
  put(key: K, row: Row<V> | null): void;
  /** The keys put since the last commit, in order of first write, with the row as committed. */
  changes(visit: (key: K, oldRow: Row<V> | null, newRow: Row<V> | null) => void): void;
}

/** Rows by window end: `gteEndMs <= endMs < ltEndMs`. */
export interface WindowRange {
  readonly gteEndMs: number;
  readonly ltEndMs: number;
}

/** One row per key and window, in order of (window end, encoded key, window start). */
export interface WindowStore<K, V> extends Scannable<
  WindowRange,
  readonly [windowed: Windowed<K>, row: Row<V>]
> {
  get(key: K, startMs: number, endMs: number): Row<V> | undefined;
  /** The row as last committed: what `changes` tells as `oldRow`. */
  committed(key: K, startMs: number, endMs: number): Row<V> | undefined;
  /** The row as `changes` told it last: as committed, unless it was told since. */
  told(key: K, startMs: number, endMs: number): Row<V> | undefined;
  /** `null` deletes: a change like any other. */
  put(key: K, startMs: number, endMs: number, row: Row<V> | null): void;
  /** Removes a row whose time is over: no change, so `changes` does not tell it. */
  remove(key: K, startMs: number, endMs: number): void;
  /** Whether the row was put since the last commit. */
  isDirty(key: K, startMs: number, endMs: number): boolean;
  /** The windows put since the last commit, in order of first write, with the row as committed. */
  changes(
    visit: (windowed: Windowed<K>, oldRow: Row<V> | null, newRow: Row<V> | null) => void,
  ): void;
}

/**
 * One row per key and session, in order of (session end, encoded key, session start): a session is
 * a window whose bounds its records make. It grows by removing the row and putting another.
 */
export type SessionStore<K, V> = WindowStore<K, V>;
