import type { Serde } from '../../core/serde/serde.ts';
import type { StoreDefinition } from '../../core/task/state-port.ts';
import { windowStore } from '../../state/store-definitions.ts';
import type { WindowStore } from '../../state/store.ts';
import { timesSerde } from './times-serde.ts';

/** The times of a key's accepted records, in tumbling buckets of the windows' size. */
export type SlidingTimesDefinition<K> = StoreDefinition<WindowStore<K, readonly number[]>>;

export function slidingTimesDefinition<K>(
  name: string,
  key: Serde<K>,
  sizeMs: number,
): SlidingTimesDefinition<K> {
  return windowStore({ name: `${name}-times`, key, value: timesSerde, detail: { sizeMs } });
}

export interface SlidingTimes<K> {
  /** Ascending, all from two window sizes before `timestamp` to one behind it. */
  readonly near: (key: K, timestamp: number) => readonly number[];
  /** Adds a time that is not there; returns the end of its bucket if that is new, else null. */
  readonly add: (key: K, timestamp: number) => number | null;
}

/** Rounds of a window's size make all that a record can meet stand in four rows of known keys. */
export function slidingTimes<K>(
  store: WindowStore<K, readonly number[]>,
  sizeMs: number,
): SlidingTimes<K> {
  const startOf = (timestamp: number): number => timestamp - (timestamp % sizeMs);
  const bucketAt = (key: K, startMs: number): readonly number[] =>
    startMs < 0 ? none : (store.get(key, startMs, startMs + sizeMs)?.value ?? none);
  return {
    near(key, timestamp) {
      const startMs = startOf(timestamp);
      let near: readonly number[] = none;
      for (let at = startMs - 2 * sizeMs; at <= startMs + sizeMs; at += sizeMs) {
        const bucket = bucketAt(key, at);
        if (bucket.length > 0) near = near.length === 0 ? bucket : near.concat(bucket);
      }
      return near;
    },
    add(key, timestamp) {
      const startMs = startOf(timestamp);
      const endMs = startMs + sizeMs;
      const bucket = bucketAt(key, startMs);
      const behind = bucket.findLastIndex((time) => time < timestamp) + 1;
      store.put(key, startMs, endMs, { value: bucket.toSpliced(behind, 0, timestamp), timestamp });
      return bucket.length === 0 ? endMs : null;
    },
  };
}

const none: readonly number[] = Object.freeze([]);

/**
 * Starts of the windows that would hold a record, ascending, open or not: one window ends with each
 * record, and one starts behind each.
 */
export function startsAround(
  near: readonly number[],
  timestamp: number,
  differenceMs: number,
): readonly number[] {
  const starts = new Set([Math.max(timestamp - differenceMs, 0)]);
  for (const time of near) {
    if (time > timestamp + differenceMs) break;
    if (time >= timestamp) starts.add(Math.max(time - differenceMs, 0));
    else if (time + 1 + differenceMs >= timestamp) starts.add(time + 1);
  }
  return [...starts].sort((a, b) => a - b);
}

/**
 * Start of the stored window that holds the same records as one that would start at `startMs`; null
 * if that would hold none. Between two starts of windows no record comes or goes.
 */
export function twinStart(
  near: readonly number[],
  startMs: number,
  differenceMs: number,
): number | null {
  let before = -1;
  let last: number | null = null;
  for (const time of near) {
    if (time > startMs + differenceMs) break;
    if (time < startMs) before = time;
    else last = time;
  }
  return last === null ? null : Math.max(last - differenceMs, before + 1, 0);
}
