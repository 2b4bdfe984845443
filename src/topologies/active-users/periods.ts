import {
  calendar,
  type CalendarWindows,
  type Weekday,
  type WindowBounds,
} from '../../core/model/calendar.ts';
import { calendarPlaces } from '../../operators/internal/calendar-places.ts';

/** What users are counted in: a day, a week or a month of the calendar. */
export type Period = 'day' | 'week' | 'month';

/** Shortest first: a day lies in one week and in one month. */
export const allPeriods: readonly Period[] = ['day', 'week', 'month'];

/** How the counts of a period are called. */
export interface CountNames {
  readonly day: 'daily';
  readonly week: 'weekly';
  readonly month: 'monthly';
}

export const countNames: CountNames = { day: 'daily', week: 'weekly', month: 'monthly' };

/** The periods as a time zone has them, and how long each part of the topology waits for events. */
export interface Calendar {
  readonly periods: readonly Period[];
  readonly zone: string;
  readonly weekStart: Weekday;
  readonly graceMs: number;
  /** What is added to the grace behind each repartition. */
  readonly skewMs: number;
}

/** How many times an event was repartitioned before it is judged. */
type Hops = 0 | 1 | 2;

export function graceAfter({ graceMs, skewMs }: Calendar, hops: Hops): number {
  return graceMs + hops * skewMs;
}

/** @throws {ConfigError} `BAD_WINDOW` for an unknown zone or weekday. */
export function windowsOf(own: Calendar, period: Period, hops: Hops): CalendarWindows {
  const { zone, weekStart } = own;
  const options = { zone, grace: graceAfter(own, hops) };
  return period === 'week'
    ? calendar('week', { ...options, weekStart })
    : calendar(period, options);
}

/** The bounds of the periods around an instant, for one node of one task. */
export interface PeriodBounds {
  readonly period: Period;
  /** One bit of its own. */
  readonly bit: number;
  readonly at: (instantMs: number) => WindowBounds;
}

export function bitOf(period: Period): number {
  return 1 << allPeriods.indexOf(period);
}

export function boundsOf(own: Calendar): readonly PeriodBounds[] {
  return own.periods.map((period) => {
    const places = calendarPlaces(windowsOf(own, period, 0));
    return {
      period,
      bit: bitOf(period),
      at(instantMs) {
        const startMs = places.firstStart(instantMs);
        return { startMs, endMs: places.endOf(startMs) };
      },
    };
  });
}
