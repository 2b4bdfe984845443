import { eventAt, type GeneratedEvent } from '../../../examples/content-platform/generator.ts';

/** An event that obeys the rules, the first time that it was sent. */
export interface CleanEvent {
  readonly id: string;
  readonly type: string;
  readonly visitor: string;
  readonly page: string;
  readonly country: string | null;
  readonly timeMs: number;
}

/** What was generated, apart. */
export interface GeneratedEvents {
  readonly clean: readonly CleanEvent[];
  readonly bad: readonly GeneratedEvent[];
  readonly duplicates: number;
}

export function generatedEvents(seed: number, count: number): GeneratedEvents {
  const clean: CleanEvent[] = [];
  const bad: GeneratedEvent[] = [];
  for (let index = 0; index < count; index += 1) {
    const event = eventAt(seed, index);
    if (event.kind === 'good') clean.push(cleanOf(event));
    if (event.kind === 'bad') bad.push(event);
  }
  return { clean, bad, duplicates: count - clean.length - bad.length };
}

interface SentFields {
  readonly event_id: string;
  readonly event_type: string;
  readonly user_id?: string;
  readonly anonymous_id?: string;
  readonly context: { readonly page: string };
}

function cleanOf({ sent, country, timestamp }: GeneratedEvent): CleanEvent {
  const fields = sent as unknown as SentFields; // as the generator makes good ones
  return {
    id: fields.event_id,
    type: fields.event_type,
    visitor: fields.user_id ?? fields.anonymous_id ?? '',
    page: fields.context.page,
    country,
    timeMs: timestamp,
  };
}

/** How many there are by what is told of each; null: it does not count. */
export function countsBy<T>(
  all: readonly T[],
  of: (one: T) => string | null,
): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const name of all.map(of)) if (name !== null) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries(counts);
}

export function views(clean: readonly CleanEvent[]): readonly CleanEvent[] {
  return clean.filter(({ type }) => type === 'page_view');
}

/** Different visitors by day of a zone. */
export function usersByDay(
  clean: readonly CleanEvent[],
  zone: string,
): Readonly<Record<string, number>> {
  const day = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' });
  const pairs = new Set(clean.map(({ visitor, timeMs }) => `${day.format(timeMs)} ${visitor}`));
  return countsBy([...pairs], (pair) => pair.slice(0, 10));
}

/** Summaries as text: whose, first and last event, events, views, entry, exit, country. */
export function sessions(clean: readonly CleanEvent[], gapMs: number): readonly string[] {
  const sorted = clean.toSorted((a, b) => a.timeMs - b.timeMs || (a.id < b.id ? -1 : 1));
  const found: CleanEvent[][] = [];
  const last = new Map<string, CleanEvent[]>();
  for (const event of sorted) {
    const before = last.get(event.visitor);
    if (before !== undefined && event.timeMs - (before.at(-1)?.timeMs ?? 0) <= gapMs) {
      before.push(event);
      continue;
    }
    const own = [event];
    last.set(event.visitor, own);
    found.push(own);
  }
  return found.map(summaryText).toSorted();
}

function summaryText(events: readonly CleanEvent[]): string {
  const seen = views(events);
  const country = events.find((event) => event.country !== null)?.country ?? null;
  return sessionText({
    visitor: events[0]?.visitor ?? '',
    startMs: events[0]?.timeMs ?? 0,
    endMs: events.at(-1)?.timeMs ?? 0,
    events: events.length,
    pageViews: seen.length,
    entryPage: seen[0]?.page ?? null,
    exitPage: seen.at(-1)?.page ?? null,
    country,
  });
}

export interface SessionFields {
  readonly visitor: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly events: number;
  readonly pageViews: number;
  readonly entryPage: string | null;
  readonly exitPage: string | null;
  readonly country: string | null;
}

export function sessionText(session: SessionFields): string {
  const { visitor, startMs, endMs, events, pageViews, entryPage, exitPage, country } = session;
  return JSON.stringify([visitor, startMs, endMs, events, pageViews, entryPage, exitPage, country]);
}
