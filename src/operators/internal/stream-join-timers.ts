import type { Serde } from '../../core/serde/serde.ts';
import type { FiredTimer, ProcessorContext, TimerRequest } from '../../core/topology/processor.ts';
import { orderedWindowKey } from './ordered-window-key.ts';
import type { RecordPages } from './record-pages.ts';
import { onlyEnd } from './window-rows.ts';

/** Where a row lies that may have to leave unmatched. */
export interface UnmatchedPlace<K> {
  readonly key: K;
  readonly isLeft: boolean;
  /** The end of the bucket and the position in its list. */
  readonly endMs: number;
  readonly position: number;
}

type TimerContext = Pick<ProcessorContext<never, never>, 'schedule' | 'scan' | 'streamTimeMs'>;

/** The timer of a row: its key puts rows due at one time in order of (encoded key, arrival). */
export function unmatchedTimers<K>(serde: Serde<K>, context: Pick<TimerContext, 'schedule'>) {
  const keys = orderedWindowKey(serde);
  return {
    set({ key, isLeft, endMs, position }: UnmatchedPlace<K>, at: number, arrival: number): void {
      const data = Buffer.allocUnsafe(8);
      data.writeBigInt64BE(BigInt(position) * 2n + (isLeft ? 0n : 1n));
      const bytes = keys.serialize({ key, startMs: arrival, endMs }) as Uint8Array; // never text
      context.schedule({ at, name: 'unmatched', key: bytes, data });
    },
    again({ name, key, data }: FiredTimer, at: number): void {
      if (key !== null && data !== null) context.schedule({ at, name, key, data });
    },
    read({ key: bytes, data }: FiredTimer): UnmatchedPlace<K> | null {
      if (bytes === null || data === null) return null;
      const { key, endMs } = keys.deserialize(bytes);
      const number = new DataView(data.buffer, data.byteOffset, 8).getBigInt64(0);
      return { key, isLeft: number % 2n === 0n, endMs, position: Number(number / 2n) };
    },
  };
}

/** One timer for all lists of a bucket: they go once the last of their rows must be closed. */
export function removalTimers(context: TimerContext, graceMs: number) {
  let lastEndMs = NaN;
  let request: TimerRequest = { name: 'remove', at: NaN };
  const set = (endMs: number): void => {
    // The same request again costs next to nothing.
    if (endMs !== lastEndMs) {
      const key = Buffer.allocUnsafe(8);
      key.writeBigInt64BE(BigInt(endMs));
      request = Object.freeze({ at: endMs + graceMs, name: 'remove', key });
      lastEndMs = endMs;
    }
    context.schedule(request);
  };
  return {
    set,
    fire<K, V>({ key }: FiredTimer, stores: readonly RecordPages<K, V>[]): void {
      if (key === null) return;
      const endMs = Number(new DataView(key.buffer, key.byteOffset, 8).getBigInt64(0));
      // Set when the grace was shorter than it is now.
      if (endMs + graceMs > context.streamTimeMs) return set(endMs);
      for (const store of stores) {
        context.scan(store, onlyEnd(endMs), ([{ key: own, startMs }]) => {
          store.remove(own, startMs, endMs);
        });
      }
    },
  };
}
