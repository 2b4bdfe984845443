import type { TimeWindows } from '../../core/model/windows.ts';
import type { ProcessorContext } from '../../core/topology/processor.ts';

type TimeContext = Pick<ProcessorContext<never, never>, 'streamTimeMs' | 'closedMs'>;

/**
 * Windows whose end is not above what this returns are closed. There is no second inequality. What
 * was closed before the start stays so, even if the grace is longer now; what closes later cannot
 * pass stream time less the grace, so the committed mark is read once.
 */
export function closedUpTo(
  context: TimeContext,
  { graceMs }: Pick<TimeWindows, 'graceMs'>,
): () => number {
  const closedBeforeMs = context.closedMs;
  return () => Math.max(context.streamTimeMs - graceMs, closedBeforeMs);
}

/** Start of the last window that takes a record at `timestamp`. */
export function lastStart({ everyMs }: TimeWindows, timestamp: number): number {
  return timestamp - (timestamp % everyMs);
}

/** Start of the first of them; the same for tumbling windows. None is negative. */
export function firstStart(windows: TimeWindows, timestamp: number): number {
  const { sizeMs, everyMs } = windows;
  const last = lastStart(windows, timestamp);
  if (sizeMs === everyMs) return last;
  const before = Math.floor((sizeMs - 1 - (timestamp - last)) / everyMs);
  return Math.max(last - before * everyMs, 0);
}
