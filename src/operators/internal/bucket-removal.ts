import type { FiredTimer, ProcessorContext, TimerRequest } from '../../core/topology/processor.ts';
import type { WindowStore } from '../../state/store.ts';
import { onlyEnd } from './window-rows.ts';

type TimerContext = Pick<ProcessorContext<never, never>, 'schedule' | 'scan' | 'streamTimeMs'>;

export interface BucketRemoval {
  /** Called for each row that is put. */
  set(endMs: number): void;
  /** Answers whether the timer was one of these. */
  fire<K>(timer: FiredTimer, stores: readonly WindowStore<K, unknown>[]): boolean;
}

/** One timer for all rows with one end: they are removed `keepMs` after it. */
export function bucketRemoval(context: TimerContext, keepMs: number): BucketRemoval {
  let lastEndMs = NaN;
  let request: TimerRequest = { name: 'remove', at: NaN };
  const set = (endMs: number): void => {
    // The same request again costs next to nothing.
    if (endMs !== lastEndMs) {
      const key = Buffer.allocUnsafe(8);
      key.writeBigInt64BE(BigInt(endMs));
      request = Object.freeze({ at: endMs + keepMs, name: 'remove', key });
      lastEndMs = endMs;
    }
    context.schedule(request);
  };
  return {
    set,
    fire({ name, key }, stores) {
      if (name !== 'remove' || key === null) return false;
      const endMs = Number(new DataView(key.buffer, key.byteOffset, 8).getBigInt64(0));
      if (endMs + keepMs > context.streamTimeMs) {
        // Set when rows were kept for less than they are now.
        set(endMs);
        return true;
      }
      for (const store of stores) {
        context.scan(store, onlyEnd(endMs), ([windowed]) => {
          store.remove(windowed.key, windowed.startMs, endMs);
        });
      }
      return true;
    },
  };
}
