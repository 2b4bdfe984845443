import { endKey } from '../../core/task/end-timers.ts';
import type { FiredTimer, ProcessorContext, TimerRequest } from '../../core/topology/processor.ts';

type TimerContext = Pick<ProcessorContext<never, never>, 'schedule'>;

/**
 * Sets the one timer of a name that serves all rows with one end. Most new rows have the end of the
 * row before: that request is kept, which changes no result.
 */
export function endTimer(
  context: TimerContext,
  name: string,
  dueOf: (endMs: number) => number,
): (endMs: number) => void {
  let lastEndMs = NaN;
  let request: TimerRequest = { name, at: NaN };
  return (endMs) => {
    if (endMs !== lastEndMs) {
      request = Object.freeze({ at: dueOf(endMs), name, key: endKey(endMs) });
      lastEndMs = endMs;
    }
    context.schedule(request);
  };
}

export function endOfTimer({ key }: FiredTimer): number {
  // Set by `every()`, which was the policy before a restart: no window ends at -1.
  if (key === null) return -1;
  return Number(new DataView(key.buffer, key.byteOffset, 8).getBigInt64(0));
}
