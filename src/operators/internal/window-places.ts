import type { FixedWindows, TimeWindows } from '../../core/model/windows.ts';
import { noEndMs } from '../../core/model/unlimited.ts';
import { calendarPlaces } from './calendar-places.ts';

/**
 * Which windows take a record: those that start at `firstStart` and every `everyMs` from there up
 * to `lastStart`. Where the last one starts behind the record, none takes it.
 */
export interface WindowPlaces {
  readonly everyMs: number;
  readonly firstStart: (timestamp: number) => number;
  readonly lastStart: (timestamp: number) => number;
  /** The end of a window whose start was just told. */
  readonly endOf: (startMs: number) => number;
}

/** For one node of one task: places of a calendar remember what they found. */
export function windowPlaces(windows: TimeWindows): WindowPlaces {
  if (windows.kind === 'calendar') return calendarPlaces(windows);
  if (windows.kind === 'unlimited') return onlyPlace(windows.fromMs);
  return fixedPlaces(windows);
}

function fixedPlaces({ sizeMs, everyMs }: FixedWindows): WindowPlaces {
  const lastStart = (timestamp: number): number => timestamp - (timestamp % everyMs);
  const endOf = (startMs: number): number => startMs + sizeMs;
  if (sizeMs === everyMs) return { everyMs, firstStart: lastStart, lastStart, endOf };
  return {
    everyMs,
    firstStart(timestamp) {
      const last = lastStart(timestamp);
      const before = Math.floor((sizeMs - 1 - (timestamp - last)) / everyMs);
      return Math.max(last - before * everyMs, 0);
    },
    lastStart,
    endOf,
  };
}

function onlyPlace(fromMs: number): WindowPlaces {
  const start = (): number => fromMs;
  return { everyMs: Infinity, firstStart: start, lastStart: start, endOf: () => noEndMs };
}
