import {
  calendarWindowAt,
  type CalendarWindows,
  type WindowBounds,
} from '../../core/model/calendar.ts';
import { invariant } from '../../core/model/invariant.ts';
import type { WindowPlaces } from './window-places.ts';

/** Bounds kept, so that records out of order do not ask the time zone again and again. */
const maxKnown = 32;

/** The one window around a record, which is looked for among the last ones first. */
export function calendarPlaces(windows: CalendarWindows): WindowPlaces {
  const windowAt = calendarWindowAt(windows);
  const known: WindowBounds[] = [];
  let last: WindowBounds = { startMs: 0, endMs: 0 };
  function startAt(timestamp: number): number {
    if (timestamp < last.startMs || timestamp >= last.endMs) last = find(timestamp);
    return last.startMs;
  }
  function find(timestamp: number): WindowBounds {
    const found = known.find(({ startMs, endMs }) => startMs <= timestamp && timestamp < endMs);
    if (found !== undefined) return found;
    const bounds = windowAt(timestamp);
    known.unshift(bounds);
    if (known.length > maxKnown) known.pop();
    return bounds;
  }
  return {
    everyMs: Infinity,
    firstStart: startAt,
    lastStart: startAt,
    endOf(startMs) {
      invariant(startMs === last.startMs, 'The end asked for is that of the window last found.');
      return last.endMs;
    },
  };
}
