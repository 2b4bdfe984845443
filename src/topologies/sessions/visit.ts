/** One page view, as far as a session has a use for it. */
export interface SeenPage {
  readonly timestampMs: number;
  /** The event's. */
  readonly id: string;
  readonly page: string | null;
  readonly referrer: string | null;
}

/** Where an event came from that tells it. */
export interface Origin {
  readonly timestampMs: number;
  readonly id: string;
  readonly country: string;
}

/** What is kept of a session: the same in whatever order its events came. */
export interface Visit {
  readonly startMs: number;
  /** The time of the last event. */
  readonly endMs: number;
  readonly events: number;
  readonly pageViews: number;
  readonly entry: SeenPage | null;
  readonly exit: SeenPage | null;
  readonly origin: Origin | null;
}

/** A session that has ended, or as far as it has come. */
export interface SessionSummary {
  readonly visitor: string;
  /** The time of the first event, epoch milliseconds. */
  readonly startMs: number;
  /** The time of the last event, epoch milliseconds. */
  readonly endMs: number;
  /** From the first event to the last: 0 for one event. */
  readonly durationMs: number;
  readonly events: number;
  readonly pageViews: number;
  /** Of the first page view; of several at one time the one with the least event id. */
  readonly entryPage: string | null;
  /** Of the last page view; of several at one time the one with the greatest event id. */
  readonly exitPage: string | null;
  /** Whether there was exactly one page view. */
  readonly isBounce: boolean;
  /** Of the first page view. */
  readonly referrer: string | null;
  /** Of the first event that tells one. */
  readonly country: string | null;
}

/** Merged with it, a visit is what it was. It is never stored. */
export const noVisit: Visit = Object.freeze({
  startMs: Infinity,
  endMs: -Infinity,
  events: 0,
  pageViews: 0,
  entry: null,
  exit: null,
  origin: null,
});

/** Commutative and associative: the order of events and of merges leaves no trace. */
export function mergeVisits(a: Visit, b: Visit): Visit {
  return {
    startMs: Math.min(a.startMs, b.startMs),
    endMs: Math.max(a.endMs, b.endMs),
    events: a.events + b.events,
    pageViews: a.pageViews + b.pageViews,
    entry: earlier(a.entry, b.entry),
    exit: later(a.exit, b.exit),
    origin: earlier(a.origin, b.origin),
  };
}

export function summaryOf(visitor: string, visit: Visit): SessionSummary {
  const { startMs, endMs, events, pageViews, entry, exit, origin } = visit;
  return {
    visitor,
    startMs,
    endMs,
    durationMs: endMs - startMs,
    events,
    pageViews,
    entryPage: entry?.page ?? null,
    exitPage: exit?.page ?? null,
    isBounce: pageViews === 1,
    referrer: entry?.referrer ?? null,
    country: origin?.country ?? null,
  };
}

type Placed = Pick<SeenPage, 'timestampMs' | 'id'>;

function earlier<T extends Placed>(a: T | null, b: T | null): T | null {
  if (a === null || b === null) return a ?? b;
  return isBefore(b, a) ? b : a;
}

function later<T extends Placed>(a: T | null, b: T | null): T | null {
  if (a === null || b === null) return a ?? b;
  return isBefore(a, b) ? b : a;
}

function isBefore(a: Placed, b: Placed): boolean {
  return a.timestampMs === b.timestampMs ? a.id < b.id : a.timestampMs < b.timestampMs;
}
