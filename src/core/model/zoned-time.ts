import { dayMs, firstDayOfMonth } from './calendar-days.ts';
import { maxTimeMs } from './duration.ts';

/** The local date-times of one time zone, as milliseconds that a clock there shows. */
export interface ZonedTime {
  /** What the clock shows at an instant: the epoch milliseconds of that reading taken as UTC. */
  readonly localMs: (instantMs: number) => number;
  /** The least instant at which the clock shows `localMs` or later. */
  readonly firstInstantMs: (localMs: number) => number;
}

/** @throws {RangeError} if the runtime does not know the zone. */
export function zonedTime(zone: string): ZonedTime {
  const formatter = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  function offsetMs(instantMs: number): number {
    const known = Math.min(instantMs, maxTimeMs);
    const secondMs = Math.floor(known / 1000) * 1000;
    return readingMs(formatter.formatToParts(secondMs)) - secondMs;
  }
  return {
    localMs: (instantMs) => instantMs + offsetMs(instantMs),
    firstInstantMs(localMs) {
      // No offset reaches a day, and no zone changes its offset twice within two days.
      const before = offsetMs(localMs - dayMs);
      const after = offsetMs(localMs + dayMs);
      if (before === after) return localMs - before;
      const isAfter = (instantMs: number) => offsetMs(instantMs) !== before;
      const changeMs = leastInstant(localMs - dayMs, localMs + dayMs, isAfter);
      if (localMs - before < changeMs) return localMs - before;
      // A reading that the change leaves out, or repeats, is reached by the change at the latest.
      return Math.max(changeMs, localMs - after);
    },
  };
}

/** The least instant in `(fromMs, toMs]` for which the predicate holds, once for all. */
function leastInstant(
  fromMs: number,
  toMs: number,
  predicate: (instantMs: number) => boolean,
): number {
  let [fails, holds] = [fromMs, toMs];
  while (holds - fails > 1) {
    const middle = Math.floor((fails + holds) / 2);
    if (predicate(middle)) holds = middle;
    else fails = middle;
  }
  return holds;
}

function readingMs(parts: readonly Intl.DateTimeFormatPart[]): number {
  const values = new Map<string, string>(parts.map(({ type, value }) => [type, value]));
  const part = (type: string) => Number(values.get(type));
  const month = (part('year') - 1970) * 12 + part('month') - 1;
  const seconds = (part('hour') * 60 + part('minute')) * 60 + part('second');
  return (firstDayOfMonth(month) + part('day') - 1) * dayMs + seconds * 1000;
}
