/** Days and months are counted from 1970-01-01, in the Gregorian calendar. */

export const dayMs = 86_400_000;

/** Days of a common year before each of its months. */
const daysBefore = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334] as const;

const meanDaysOfMonth = 365.2425 / 12;

export function firstDayOfMonth(month: number): number {
  const year = Math.floor(month / 12);
  const ofYear = month - year * 12;
  // The leap day of a year counts from its March on.
  const leapDays = leapDaysUpTo(1970 + year - (ofYear < 2 ? 1 : 0)) - leapDaysUpTo(1969);
  return year * 365 + leapDays + (daysBefore[ofYear] ?? 0); // a month of the year
}

/** The day of a date, its month counted from 1; null: there is no such date. */
export function dayOfDate(year: number, month: number, day: number): number | null {
  if (!(month >= 1 && month <= 12)) return null;
  const index = (year - 1970) * 12 + month - 1;
  const first = firstDayOfMonth(index);
  return day >= 1 && day <= firstDayOfMonth(index + 1) - first ? first + day - 1 : null;
}

export function monthOfDay(day: number): number {
  const month = Math.floor(day / meanDaysOfMonth);
  // The mean is off by some days, so the guess by a month at most.
  if (firstDayOfMonth(month) > day) return month - 1;
  return firstDayOfMonth(month + 1) <= day ? month + 1 : month;
}

/** The last day that is a multiple of seven days from `anchor`, up to `day`. */
export function weekdayUpTo(day: number, anchor: number): number {
  return anchor + Math.floor((day - anchor) / 7) * 7;
}

function leapDaysUpTo(year: number): number {
  return Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400);
}
