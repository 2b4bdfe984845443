import { firstDayOfMonth } from '../../core/model/calendar-days.ts';

const pattern = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Whether a text like '2024-02-29' names a day that there is. */
export function isCalendarDate(text: string): boolean {
  const [, year, month, day] = pattern.exec(text) ?? [];
  if (month === undefined || month === '00' || month > '12') return false;
  const index = (Number(year) - 1970) * 12 + Number(month) - 1;
  const days = firstDayOfMonth(index + 1) - firstDayOfMonth(index);
  return Number(day) >= 1 && Number(day) <= days;
}
