import type { PlatformNumbers } from './numbers.ts';
import type { TopicLag } from './topic-lag.ts';

/** How the platform stands, as the page and the terminal show it: plain data. */
export interface Snapshot {
  /** Events processed and committed, earlier starts included. */
  readonly processed: number;
  /** Events written to the log. */
  readonly written: number;
  readonly perSecond: number;
  readonly accepted: number;
  readonly quarantined: number;
  readonly duplicates: number;
  /** Dropped because tasks were further apart than the topology waits for. */
  readonly late: number;
  readonly reasons: readonly Counted[];
  readonly activeSessions: number;
  readonly openSessions: number;
  readonly endedSessions: number;
  /** Days of the zone, `2025-03-07`, in order. */
  readonly days: readonly Counted[];
  readonly posts: readonly Counted[];
  readonly countries: readonly Counted[];
  /** Epoch milliseconds; -1: no event yet. */
  readonly eventTimeMs: number;
  /** Sinks whose rows wait, with what their last attempt failed of. */
  readonly blocked: readonly BlockedSink[];
  /** The end offsets of each topic, added up. */
  readonly topics: Readonly<Record<string, number>>;
}

export interface Counted {
  readonly name: string;
  readonly count: number;
}

export interface BlockedSink {
  readonly sink: string;
  readonly error: string;
}

export interface SnapshotParts {
  readonly numbers: PlatformNumbers;
  readonly lag: TopicLag;
  readonly processed: number;
  readonly written: number;
  readonly perSecond: number;
  readonly duplicates: number;
  readonly late: number;
  readonly blocked: readonly BlockedSink[];
  readonly zone: string;
}

const topCount = 10;

export function snapshotOf(parts: SnapshotParts): Snapshot {
  const { numbers, lag, processed, written, perSecond, duplicates, late, blocked, zone } = parts;
  const dayName = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' });
  const days = [...numbers.usersByDay].sort(([a], [b]) => a - b);
  const { accepted, quarantined, activeSessions, openSessions, endedSessions } = numbers;
  return {
    ...{ processed, written, perSecond, accepted, quarantined, duplicates, late },
    ...{ activeSessions, openSessions, endedSessions },
    reasons: greatest(numbers.reasons),
    days: days.map(([startMs, count]) => ({ name: dayName.format(startMs), count })),
    posts: greatest(numbers.viewsByPage).slice(0, topCount),
    countries: greatest(numbers.viewsByCountry),
    eventTimeMs: numbers.eventTimeMs,
    blocked,
    topics: Object.fromEntries(lag.ends),
  };
}

/** The most first; of equal ones the lesser name. */
function greatest(counts: ReadonlyMap<string, number>): readonly Counted[] {
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}
