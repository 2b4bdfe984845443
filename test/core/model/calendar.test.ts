import { expect, it } from 'vitest';
import {
  calendar,
  type CalendarUnit,
  calendarWindowAt,
  type Weekday,
} from '../../../src/core/model/calendar.ts';
import { unlimited } from '../../../src/core/model/unlimited.ts';
import { thrownBy } from '../../support/thrown.ts';

function windowText(unit: CalendarUnit, zone: string, instant: string): string {
  const { startMs, endMs } = calendarWindowAt(calendar(unit, { zone, grace: 0 }))(
    Date.parse(instant),
  );
  const text = (ms: number) => new Date(ms).toISOString().slice(0, 16);
  return `${text(startMs)} ${text(endMs)}`;
}

it.each([
  ['day', 'Europe/Berlin', '2024-03-31T12:00Z', '2024-03-30T23:00 2024-03-31T22:00'],
  ['day', 'Europe/Berlin', '2024-03-30T22:59:59.999Z', '2024-03-29T23:00 2024-03-30T23:00'],
  // Midnight does not exist.
  ['day', 'America/Sao_Paulo', '2018-11-04T03:00Z', '2018-11-04T03:00 2018-11-05T02:00'],
  // Midnight occurs twice: between the two the clock shows the day before.
  ['day', 'America/Havana', '2023-11-05T04:30Z', '2023-11-05T04:00 2023-11-06T05:00'],
  ['day', 'America/Sao_Paulo', '2018-02-18T02:30Z', '2018-02-17T02:00 2018-02-18T03:00'],
  ['day', 'America/Scoresbysund', '2023-10-29T00:30Z', '2023-10-29T00:00 2023-10-30T01:00'],
  // A date that was skipped has no window.
  ['day', 'Pacific/Apia', '2011-12-30T09:59:59.999Z', '2011-12-29T10:00 2011-12-30T10:00'],
  ['day', 'Pacific/Apia', '2011-12-30T10:00Z', '2011-12-30T10:00 2011-12-31T10:00'],
  ['day', 'Australia/Lord_Howe', '2024-04-07T00:00Z', '2024-04-06T13:00 2024-04-07T13:30'],
  ['day', 'Africa/Monrovia', '1972-01-06T12:00Z', '1972-01-06T00:44 1972-01-07T00:44'],
  ['month', 'America/New_York', '2024-03-15T00:00Z', '2024-03-01T05:00 2024-04-01T04:00'],
  ['month', 'UTC', '2000-02-29T12:00Z', '2000-02-01T00:00 2000-03-01T00:00'],
  ['quarter', 'UTC', '2023-12-31T23:59:59.999Z', '2023-10-01T00:00 2024-01-01T00:00'],
  ['year', 'America/New_York', '1970-01-01T00:00Z', '1969-01-01T05:00 1970-01-01T05:00'],
  ['year', 'UTC', '2100-06-01T00:00Z', '2100-01-01T00:00 2101-01-01T00:00'],
] as const)('a %s in %s around %s is [%s)', (unit, zone, instant, expected) => {
  expect(windowText(unit, zone, instant)).toBe(expected);
});

it('the greatest time there is has a window', () => {
  const { startMs, endMs } = calendarWindowAt(calendar('year', { zone: 'UTC', grace: 0 }))(8.64e15);
  expect(startMs).toBeLessThanOrEqual(8.64e15);
  expect(endMs).toBeGreaterThan(8.64e15);
});

it('a week starts on the day asked for, Monday if none is', () => {
  const at = Date.parse('2024-03-27T12:00Z');
  const starts = (weekStart: Weekday) => {
    const windows = calendar('week', { zone: 'UTC', grace: 0, weekStart });
    return new Date(calendarWindowAt(windows)(at).startMs).toISOString().slice(5, 10);
  };
  expect(starts('monday')).toBe('03-25');
  expect(starts('sunday')).toBe('03-24');
  expect(starts('wednesday')).toBe('03-27');
  expect(starts('thursday')).toBe('03-21');
  expect(calendar('week', { zone: 'UTC', grace: 5 })).toEqual({
    kind: 'calendar',
    unit: 'week',
    zone: 'UTC',
    weekStart: 'monday',
    graceMs: 5,
  });
});

it('what no calendar or clock knows is refused', () => {
  const refused = (unit: string, options: object) => {
    const given = { zone: 'UTC', grace: 0, ...options };
    return thrownBy(() => calendar(unit as CalendarUnit, given)).code; // as untyped callers give it
  };
  expect(refused('day', { zone: 'Europe/Atlantis' })).toBe('BAD_WINDOW');
  expect(refused('day', { zone: '' })).toBe('BAD_WINDOW');
  expect(refused('hour', {})).toBe('BAD_WINDOW');
  expect(refused('toString', {})).toBe('BAD_WINDOW');
  expect(refused('week', { weekStart: 'yesterday' })).toBe('BAD_WINDOW');
  expect(refused('month', { weekStart: 'monday' })).toBe('BAD_WINDOW');
  expect(refused('day', { grace: -1 })).toBe('BAD_DURATION');
  expect(thrownBy(() => unlimited({ from: -1 })).code).toBe('BAD_WINDOW');
  expect(thrownBy(() => unlimited({ from: 0.5 })).code).toBe('BAD_WINDOW');
});
