import { dayMs, dayOfDate } from '../../core/model/calendar-days.ts';
import { maxTimeMs } from '../../core/model/duration.ts';

/** RFC 3339: a date, a time and an offset from UTC, with up to nine digits of a second. */
const instant =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d{2}):?(\d{2}))$/;

/**
 * Epoch milliseconds of a time as events carry it: a whole number of them, or RFC 3339 text such as
 * `2024-03-31T01:30:00.250+01:00`. Null for anything else: text without an offset, a date alone, a
 * 30th of February, a leap second, a time before 1970. Digits below a millisecond are cut off.
 */
export function parseTimestamp(value: unknown): number | null {
  const timeMs = typeof value === 'string' ? instantMs(value) : value;
  if (typeof timeMs !== 'number' || !Number.isInteger(timeMs)) return null;
  return timeMs >= 0 && timeMs <= maxTimeMs ? timeMs : null;
}

function instantMs(text: string): number | null {
  const match = instant.exec(text);
  if (match === null) return null;
  const [, year, month, day, hours, minutes, seconds, fraction = '', sign, offHours, offMinutes] =
    match;
  const date = dayOfDate(Number(year), Number(month), Number(day));
  const isTime = within(hours, 0, 23) && within(minutes, 0, 59) && within(seconds, 0, 59);
  const isOffset = within(offHours ?? '0', 0, 23) && within(offMinutes ?? '0', 0, 59);
  if (date === null || !isTime || !isOffset) return null;
  const ofDayMs = (Number(hours) * 60 + Number(minutes)) * 60_000 + Number(seconds) * 1000;
  const offsetMs = (Number(offHours ?? 0) * 60 + Number(offMinutes ?? 0)) * 60_000;
  const millis = Number(fraction.slice(0, 3).padEnd(3, '0'));
  return date * dayMs + ofDayMs + millis - (sign === '-' ? -offsetMs : offsetMs);
}

function within(digits: string | undefined, min: number, max: number): boolean {
  return Number(digits) >= min && Number(digits) <= max;
}
