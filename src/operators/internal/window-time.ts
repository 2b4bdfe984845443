import type { TimeWindows } from '../../core/model/windows.ts';
import type { ProcessorContext } from '../../core/topology/processor.ts';

/**
 * Windows whose end is not above this are closed. There is no second inequality; what was closed
 * once stays closed, even if a restart brought a longer grace.
 */
export function closedUpTo(
  context: Pick<ProcessorContext<never, never>, 'streamTimeMs' | 'closedMs'>,
  { graceMs }: TimeWindows,
): number {
  return Math.max(context.streamTimeMs - graceMs, context.closedMs);
}

/** Start of the last window that takes a record at `timestamp`. */
export function lastStart({ everyMs }: TimeWindows, timestamp: number): number {
  return timestamp - (timestamp % everyMs);
}

/** Start of the first of them; the same for tumbling windows. None is negative. */
export function firstStart({ sizeMs, everyMs }: TimeWindows, timestamp: number): number {
  const last = timestamp - (timestamp % everyMs);
  if (sizeMs === everyMs) return last;
  const before = Math.floor((sizeMs - 1 - (timestamp - last)) / everyMs);
  return Math.max(last - before * everyMs, 0);
}
