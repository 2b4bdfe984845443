import type { Row } from '../../core/model/record.ts';
import type { Windowed } from '../../core/model/windows.ts';
import type { StoreDefinition } from '../../core/task/state-port.ts';
import type { KeyValueStore } from '../../state/store.ts';
import type { SlidingTimesDefinition } from './sliding-times.ts';
import { type DueRows, onlyEnd } from './window-rows.ts';
import { endOfTimer, endTimer } from './end-timer.ts';
import { type TimerContext, timersByRow, type WindowTimersOf } from './window-timers.ts';

/**
 * What the last closed window of a key held, and what has come since and would lie in it: the rows
 * of windows that begin later, before any other that is stored, are copied from here.
 */
export type SlidingBasesDefinition<K, A> = StoreDefinition<KeyValueStore<K, A>>;

export interface SlidingState<K, A> {
  readonly sizeMs: number;
  readonly times: SlidingTimesDefinition<K>;
  readonly bases: SlidingBasesDefinition<K, A>;
}

const forget = 'forget';

/** Sets the timer of a bucket of times: for when no open window can be made from them. */
export function forgetTimer(
  context: Pick<TimerContext, 'schedule'>,
  sizeMs: number,
  graceMs: number,
): (bucketEndMs: number) => void {
  return endTimer(context, forget, (endMs) => endMs + sizeMs + graceMs);
}

/** A timer for each window end, and one for each bucket of times. */
export function slidingTimers<K, A>({
  sizeMs,
  times,
  bases,
}: SlidingState<K, A>): WindowTimersOf<K, A> {
  return (context, spec, turns) => {
    const buckets = context.store(times);
    const held = context.store(bases);
    const { graceMs } = spec.windows;
    const setForget = forgetTimer(context, sizeMs, graceMs);

    const rebase = ({ key, startMs }: Windowed<K>, row: Row<A>): void => {
      if (row.timestamp > startMs) held.put(key, row);
      else if (held.get(key) !== undefined) held.put(key, null);
    };
    const { onTimer, ...ends } = timersByRow(context, spec, {
      close(due) {
        const rebasing: DueRows<K, A> = (visit) =>
          due((entry) => {
            rebase(...entry);
            visit(entry);
          });
        if (turns.close === null) rebasing(() => undefined);
        else turns.close(rebasing);
      },
      expire: turns.expire,
    });

    const forgetBucket = (endMs: number): void => {
      const closedMs = context.streamTimeMs - graceMs;
      // Set when the grace was shorter than it is now.
      if (endMs + sizeMs > closedMs) return setForget(endMs);
      context.scan(buckets, onlyEnd(endMs), ([{ key, startMs }]) => {
        buckets.remove(key, startMs, endMs);
        const base = held.get(key);
        if (base !== undefined && base.timestamp + sizeMs <= closedMs) held.put(key, null);
      });
    };

    return {
      ...ends,
      onTimer(timer) {
        if (timer.name === forget) forgetBucket(endOfTimer(timer));
        else onTimer(timer);
      },
    };
  };
}
