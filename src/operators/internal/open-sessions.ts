import type { Serde } from '../../core/serde/serde.ts';
import type { StoreDefinition } from '../../core/task/state-port.ts';
import { keyValueStore } from '../../state/store-definitions.ts';
import type { KeyValueStore } from '../../state/store.ts';
import { timesSerde } from './times-serde.ts';

/**
 * The sessions of a key that are not closed: the times of the first and the last record of each,
 * ascending. They are further apart than the gap, so gap and grace bound the length, however many
 * records there are.
 */
export type OpenSessions = readonly number[];

export type OpenSessionsDefinition<K> = StoreDefinition<KeyValueStore<K, OpenSessions>>;

export function openSessionsDefinition<K>(name: string, key: Serde<K>): OpenSessionsDefinition<K> {
  return keyValueStore({ name: `${name}-open`, key, value: timesSerde });
}

export const noSessions: OpenSessions = Object.freeze([]);

/** Where the sessions stand that a record meets: none if `from` is `to`, its own place then. */
export interface MetSessions {
  readonly from: number;
  readonly to: number;
}

/** Sessions whose end is not above `closedMs` are never met, even while they are listed. */
export function metSessions(
  open: OpenSessions,
  timestamp: number,
  { gapMs, closedMs }: { readonly gapMs: number; readonly closedMs: number },
): MetSessions {
  const leastLast = Math.max(timestamp - gapMs, closedMs);
  let to = open.length;
  // From the end, where most records belong.
  while (to > 0 && timeAt(open, to - 2) > timestamp + gapMs) to -= 2;
  let from = to;
  while (from > 0 && timeAt(open, from - 1) >= leastLast) from -= 2;
  return { from, to };
}

/** The list without the session that began at `startMs`. */
export function without(open: OpenSessions, startMs: number): OpenSessions {
  // The first to close is most often the first of them.
  for (let at = 0; at < open.length; at += 2) {
    if (timeAt(open, at) === startMs) return open.toSpliced(at, 2);
  }
  return open;
}

/** A time of the list. */
export function timeAt(open: OpenSessions, at: number): number {
  return open[at] as number; // callers stay inside the list
}
