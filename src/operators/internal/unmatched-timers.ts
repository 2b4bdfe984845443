import type { Serde } from '../../core/serde/serde.ts';
import type { FiredTimer, ProcessorContext } from '../../core/topology/processor.ts';
import { orderedWindowKey } from './ordered-window-key.ts';

/** Where a row lies that may have to leave unmatched. */
export interface UnmatchedPlace<K> {
  readonly key: K;
  readonly isLeft: boolean;
  /** The end of the bucket and the position in its list. */
  readonly endMs: number;
  readonly position: number;
}

export interface UnmatchedTimers<K> {
  set(place: UnmatchedPlace<K>, at: number): void;
  read(timer: FiredTimer): UnmatchedPlace<K> | null;
}

/**
 * A timer for each row, with a key that says where the row lies and puts those due at one time in
 * order of (encoded key, arrival): rows of one key that are due together are of one side, since two
 * of both sides would have met.
 */
export function unmatchedTimers<K>(
  serde: Serde<K>,
  context: Pick<ProcessorContext<never, never>, 'schedule'>,
): UnmatchedTimers<K> {
  const keys = orderedWindowKey(serde);
  return {
    set({ key, isLeft, endMs, position }, at) {
      const startMs = position * 2 + (isLeft ? 0 : 1);
      const bytes = keys.serialize({ key, startMs, endMs }) as Uint8Array; // never text
      context.schedule({ at, name: 'unmatched', key: bytes });
    },
    read({ name, key: bytes }) {
      if (name !== 'unmatched' || bytes === null) return null;
      const { key, startMs, endMs } = keys.deserialize(bytes);
      const side = startMs % 2;
      return { key, isLeft: side === 0, endMs, position: (startMs - side) / 2 };
    },
  };
}
