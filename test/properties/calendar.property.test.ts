import fc from 'fast-check';
import { expect, it } from 'vitest';
import { calendar, type CalendarUnit, calendarWindowAt } from '../../src/core/model/calendar.ts';
import { propertyOptions } from '../support/property-options.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** What the clocks of a zone show, as text that sorts as time does: `2024-03-31 02:30:00`. */
function clockOf(zone: string): (instantMs: number) => string {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  return (instantMs) => format.format(instantMs);
}

/** The start of a period by its definition: minute by minute, until the clock shows midnight. */
function startOf(clock: (instantMs: number) => string, firstDay: Date): number {
  const midnight = firstDay.toISOString().slice(0, 10);
  let instantMs = firstDay.getTime() - dayMs;
  while (clock(instantMs) < midnight) instantMs += minuteMs;
  return instantMs;
}

/** The first day of the period that is `shift` periods away from the one around a date. */
function firstDayOf(unit: CalendarUnit, date: Date, shift: number): Date {
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  switch (unit) {
    case 'day':
      return new Date(Date.UTC(year, month, day + shift));
    case 'week':
      return new Date(Date.UTC(year, month, day - ((date.getUTCDay() + 6) % 7) + shift * 7));
    case 'month':
      return new Date(Date.UTC(year, month + shift, 1));
    case 'quarter':
      return new Date(Date.UTC(year, (Math.floor(month / 3) + shift) * 3, 1));
    case 'year':
      return new Date(Date.UTC(year + shift, 0, 1));
  }
}

/** Of the periods around, the one that starts at or before the instant and ends behind it. */
function naiveWindow(unit: CalendarUnit, zone: string, instantMs: number) {
  const clock = clockOf(zone);
  const shown = new Date(`${clock(instantMs).slice(0, 10)}T00:00Z`);
  const starts = [0, 1, 2].map((shift) => startOf(clock, firstDayOf(unit, shown, shift)));
  const next = starts.findIndex((startMs) => startMs > instantMs);
  return { startMs: starts[next - 1], endMs: starts[next] };
}

/** Days of a year in which a zone changes its clocks. */
function changesIn(zone: string, year: number): number[] {
  const clock = clockOf(zone);
  const timeOf = (instantMs: number) => clock(instantMs).slice(11);
  const first = Date.UTC(year, 0, 1);
  const days = Array.from({ length: 365 }, (_, index) => first + index * dayMs);
  return days.filter((instantMs) => timeOf(instantMs) !== timeOf(instantMs + dayMs));
}

const place = fc.record({
  unit: fc.constantFrom<CalendarUnit>('day', 'week', 'month', 'quarter', 'year'),
  zone: fc.constantFrom(...Intl.supportedValuesOf('timeZone')),
  year: fc.integer({ min: 1973, max: 2040 }),
  change: fc.nat(3),
  offsetMs: fc.integer({ min: -dayMs, max: 2 * dayMs }),
});

it('the window around an instant is that of the definition, in every zone', () => {
  const law = fc.property(place, ({ unit, zone, year, change, offsetMs }) => {
    const near = changesIn(zone, year)[change] ?? Date.UTC(year, 5, 1 + change);
    const instantMs = near + offsetMs;
    const windowAt = calendarWindowAt(calendar(unit, { zone, grace: 0 }));
    expect(windowAt(instantMs)).toEqual(naiveWindow(unit, zone, instantMs));
  });
  fc.assert(law, propertyOptions(60));
});

it('the windows of a zone follow one another without a gap', () => {
  const law = fc.property(place, ({ unit, zone, year }) => {
    const windowAt = calendarWindowAt(calendar(unit, { zone, grace: 0 }));
    let { endMs } = windowAt(Date.UTC(year, 0, 1));
    for (let count = 0; count < 10; count += 1) {
      const next = windowAt(endMs);
      expect(next.startMs).toBe(endMs);
      expect(windowAt(next.endMs - 1)).toEqual(next);
      endMs = next.endMs;
    }
  });
  fc.assert(law, propertyOptions(60));
});
