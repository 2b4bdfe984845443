import type { FiredTimer, ProcessorContext } from '../../core/topology/processor.ts';
import type { WindowStore } from '../../state/store.ts';
import { endOfTimer, endTimer } from './end-timer.ts';
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
  const set = endTimer(context, 'remove', (endMs) => endMs + keepMs);
  return {
    set,
    fire(timer, stores) {
      if (timer.name !== 'remove') return false;
      const endMs = endOfTimer(timer);
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
