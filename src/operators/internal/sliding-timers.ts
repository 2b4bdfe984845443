import type { Row } from '../../core/model/record.ts';
import type { Windowed } from '../../core/model/windows.ts';
import type { SlidingBasesDefinition } from './sliding-base.ts';
import type { SlidingTimesDefinition } from './sliding-times.ts';
import { type DueRows, onlyEnd } from './window-rows.ts';
import { endOfTimer, endTimer } from './end-timer.ts';
import { type TimerContext, timersByRow, type WindowTimersOf } from './window-timers.ts';

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

    const rebase = ({ key, startMs, endMs }: Windowed<K>, row: Row<A>): void => {
      const base = held.get(key);
      // A record came between the close and its timer, and has seen to it.
      if (base !== undefined && base.value.endMs >= endMs) return;
      const { value, timestamp } = row;
      if (timestamp > startMs) held.put(key, { value: { endMs, value }, timestamp });
      else if (base !== undefined) held.put(key, null);
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
