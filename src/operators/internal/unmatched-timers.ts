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
  set(place: UnmatchedPlace<K>, at: number, arrival: number): void;
  /** Sets a timer that fired for a later time. */
  again(timer: FiredTimer, at: number): void;
  read(timer: FiredTimer): UnmatchedPlace<K> | null;
}

/** A timer for each row, with a key that puts rows due at one time in order of (key, arrival). */
export function unmatchedTimers<K>(
  serde: Serde<K>,
  context: Pick<ProcessorContext<never, never>, 'schedule'>,
): UnmatchedTimers<K> {
  const keys = orderedWindowKey(serde);
  return {
    set({ key, isLeft, endMs, position }, at, arrival) {
      const data = Buffer.allocUnsafe(8);
      data.writeBigInt64BE(BigInt(position) * 2n + (isLeft ? 0n : 1n));
      const bytes = keys.serialize({ key, startMs: arrival, endMs }) as Uint8Array; // never text
      context.schedule({ at, name: 'unmatched', key: bytes, data });
    },
    again({ name, key, data }, at) {
      if (key !== null && data !== null) context.schedule({ at, name, key, data });
    },
    read({ key: bytes, data }) {
      if (bytes === null || data === null) return null;
      const { key, endMs } = keys.deserialize(bytes);
      const number = new DataView(data.buffer, data.byteOffset, 8).getBigInt64(0);
      return { key, isLeft: number % 2n === 0n, endMs, position: Number(number / 2n) };
    },
  };
}
