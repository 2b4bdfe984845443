import type { Period } from '../../../src/topologies/active-users.ts';

const dayMs = 86_400_000;

const formats = new Map<string, Intl.DateTimeFormat>();

/** The date that the clocks of a zone show, `2024-03-10`. */
export function dateIn(zone: string): (instantMs: number) => string {
  const options = { timeZone: zone, dateStyle: 'short' } as const;
  const format = formats.get(zone) ?? new Intl.DateTimeFormat('sv-SE', options);
  formats.set(zone, format);
  return (instantMs) => format.format(instantMs);
}

/** The first date of the period around a date; weeks begin on Monday. */
export function firstDate(period: Period, date: string): string {
  if (period === 'day') return date;
  if (period === 'month') return `${date.slice(0, 7)}-01`;
  const noon = new Date(`${date}T12:00Z`);
  return new Date(noon.getTime() - ((noon.getUTCDay() + 6) % 7) * dayMs).toISOString().slice(0, 10);
}

/**
 * The end of the period around an instant: where its first date begins to be another. Dates never
 * go back, so it can be searched by halves.
 */
export function endOfPeriod(period: Period, zone: string, instantMs: number): number {
  const dateAt = dateIn(zone);
  const own = firstDate(period, dateAt(instantMs));
  let inside = instantMs;
  let outside = instantMs + 32 * dayMs;
  while (outside - inside > 1) {
    const middle = Math.floor((inside + outside) / 2);
    if (firstDate(period, dateAt(middle)) === own) inside = middle;
    else outside = middle;
  }
  return outside;
}
