import { dayMs, firstDayOfMonth, monthOfDay, weekdayUpTo } from './calendar-days.ts';
import { type Duration, durationMs } from './duration.ts';
import { ConfigError } from './errors.ts';
import { given } from './given.ts';
import { zonedTime } from './zoned-time.ts';

export type CalendarUnit = 'day' | 'week' | 'month' | 'quarter' | 'year';

/** The weekdays, each with a day it was: 1970-01-01 was a Thursday. */
const weekdays = {
  monday: -3,
  tuesday: -2,
  wednesday: -1,
  thursday: 0,
  friday: 1,
  saturday: 2,
  sunday: 3,
} as const;

export type Weekday = keyof typeof weekdays;

/** Windows that are the periods of a calendar, as the clocks of a time zone show them. */
export interface CalendarWindows {
  readonly kind: 'calendar';
  readonly unit: CalendarUnit;
  readonly zone: string;
  /** Only of weeks. */
  readonly weekStart?: Weekday;
  readonly graceMs: number;
}

export interface CalendarOptions {
  /** An IANA name such as `'Europe/Berlin'`. */
  readonly zone: string;
  /** How long after its end a window still takes records, in stream time. */
  readonly grace: Duration;
}

export interface CalendarWeekOptions extends CalendarOptions {
  /** The first day of a week. Default `'monday'`. */
  readonly weekStart?: Weekday;
}

/** Bounds of a window, epoch milliseconds. */
export interface WindowBounds {
  readonly startMs: number;
  readonly endMs: number;
}

/** How many days a period has at most: added to its first day they lead into the next one. */
const maxDays: Readonly<Record<CalendarUnit, number>> = {
  day: 1,
  week: 7,
  month: 31,
  quarter: 92,
  year: 366,
};

/**
 * Windows that are the days, weeks, months, quarters or years of a time zone. One starts at the
 * least instant whose local time is at or after 00:00 of its first day, and ends where the next one
 * starts: a day has 23 hours where clocks go forward, 25 where they go back.
 *
 * @example
 * ```ts
 * const hours: number[] = [];
 * const builder = new TopologyBuilder('docs');
 * builder
 *   .stream('views', { key: string(), value: string() })
 *   .groupByKey()
 *   .windowedBy(calendar('day', { zone: 'Europe/Berlin', grace: '1h' }))
 *   .count({ name: 'counts' })
 *   .toStream()
 *   .forEach((_, window) => void hours.push((window.endMs - window.startMs) / 3_600_000));
 * const driver = new TopologyTestDriver(builder.build());
 * for (const day of ['2024-03-30', '2024-03-31', '2024-10-27']) {
 *   driver.send('views', { key: 'a', value: '/', timestamp: Date.parse(`${day}T12:00:00Z`) });
 * }
 * hours; // => [24, 23, 25]
 * ```
 * @throws {ConfigError} `BAD_WINDOW` for a unit, a weekday or a zone that is not known, and for a
 * `weekStart` of other units than weeks; `BAD_DURATION`.
 */
export function calendar(unit: 'week', options: CalendarWeekOptions): CalendarWindows;
export function calendar(unit: CalendarUnit, options: CalendarOptions): CalendarWindows;
export function calendar(unit: CalendarUnit, options: CalendarWeekOptions): CalendarWindows {
  const { zone, grace, weekStart } = given(options);
  checkNames(unit, weekStart);
  try {
    // None would be that of the machine, and another one elsewhere.
    zonedTime(String(zone));
  } catch (cause) {
    const message = `The time zone '${zone}' is not known: give an IANA name such as 'Europe/Berlin'.`;
    throw new ConfigError('BAD_WINDOW', message, { cause });
  }
  const windows = { kind: 'calendar', unit, zone, graceMs: durationMs(grace, 'grace') } as const;
  if (unit !== 'week') return Object.freeze(windows);
  return Object.freeze({ ...windows, weekStart: weekStart ?? 'monday' });
}

/** The window around an instant. Each call asks the time zone anew. */
export function calendarWindowAt(windows: CalendarWindows): (instantMs: number) => WindowBounds {
  const { localMs, firstInstantMs } = zonedTime(windows.zone);
  const startOf = (day: number) => firstInstantMs(day * dayMs);
  const nextAfter = (day: number) => firstDayOfPeriod(windows, day + maxDays[windows.unit]);
  return (instantMs) => {
    let first = firstDayOfPeriod(windows, Math.floor(localMs(instantMs) / dayMs));
    let next = nextAfter(first);
    // Where midnight occurs twice, the next period starts at the first: it is not left again.
    while (startOf(next) <= instantMs) [first, next] = [next, nextAfter(next)];
    return { startMs: startOf(first), endMs: startOf(next) };
  };
}

/** The first day of the period around a day. */
function firstDayOfPeriod({ unit, weekStart = 'monday' }: CalendarWindows, day: number): number {
  switch (unit) {
    case 'day':
      return day;
    case 'week':
      return weekdayUpTo(day, weekdays[weekStart]);
    case 'month':
      return firstDayOfMonth(monthOfDay(day));
    case 'quarter':
      return firstDayOfMonth(Math.floor(monthOfDay(day) / 3) * 3);
    case 'year':
      return firstDayOfMonth(Math.floor(monthOfDay(day) / 12) * 12);
  }
}

function checkNames(unit: string, weekStart: string | undefined): void {
  if (!Object.hasOwn(maxDays, unit)) {
    const units = Object.keys(maxDays).join(', ');
    throw new ConfigError(
      'BAD_WINDOW',
      `'${unit}' is no unit of a calendar: take one of ${units}.`,
    );
  }
  if (weekStart === undefined) return;
  if (unit !== 'week') {
    throw new ConfigError('BAD_WINDOW', `weekStart is for weeks: leave it out for '${unit}'.`);
  }
  if (Object.hasOwn(weekdays, weekStart)) return;
  const days = Object.keys(weekdays).join(', ');
  throw new ConfigError('BAD_WINDOW', `'${weekStart}' is no weekday: take one of ${days}.`);
}
