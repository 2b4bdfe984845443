import {
  bytes,
  type Duration,
  durationMs,
  json,
  type KStream,
  onCommit,
  string,
  type Topology,
  TopologyBuilder,
} from '../../src/index.ts';
import { activeUserRows, countActiveUsers } from '../../src/topologies/active-users.ts';
import { enrichGeo, type GeoDatabase, type GeoEvent } from '../../src/topologies/geo.ts';
import { acceptEvents, eventSource, snakeCase } from '../../src/topologies/intake.ts';
import { sessionsOf } from '../../src/topologies/sessions.ts';
import { viewCountsOf } from '../../src/topologies/view-counts.ts';
import type { Tables } from './rows.ts';
import { eventRules } from './rules.ts';
import { activeUsersRow, eventRow, sessionRow, viewCountRow } from './to-rows.ts';

export const application = 'content-platform';

export const topics = {
  events: 'events',
  deadLetters: 'events-dead-letters',
  quarantine: 'events-quarantine',
  accepted: 'events-accepted',
  sessions: 'sessions',
  liveSessions: 'sessions-live',
  viewsPerMinute: 'views-per-minute',
  viewsPerPage: 'views-per-page',
  viewsPerCountry: 'views-per-country',
  activeUsers: 'active-users',
  liveUsers: 'active-users-live',
} as const;

/** A pause longer than this ends a session. */
export const sessionGap: Duration = '30 minutes';

export interface PlatformOptions {
  readonly geo: Pick<GeoDatabase, 'lookup'>;
  /** Databases that get the results. Default: none. */
  readonly tables?: readonly Tables[];
  /** How far behind its partition an event may be. Default 10 minutes. */
  readonly grace?: Duration;
  /** How far apart in event time tasks may be that do the same work. Default 12 hours. */
  readonly skew?: Duration;
  /** The time zone of the days. Default `'America/New_York'`. */
  readonly zone?: string;
}

/** Senders write the texts: what a database cannot take must not hold up the others. */
const refusable = { onError: 'dead-letter' } as const;

type PlacedEvents = KStream<string, GeoEvent>;

interface Results extends Required<Omit<PlatformOptions, 'geo' | 'grace' | 'skew'>> {
  readonly graceMs: number;
  readonly skewMs: number;
}

/**
 * The events of a site, judged and placed on the map, and what they come to: sessions, views of
 * pages and from countries, active users.
 *
 * Whether an event is late is decided once, where it is read: `grace` behind the time of its
 * partition. Behind each repartition the time is that of the fastest task before it, so each adds
 * `skew` to the grace, and drops nothing as long as tasks are not further apart than that.
 */
export function contentPlatform({ geo, ...options }: PlatformOptions): Topology {
  const { grace = '10 minutes', skew = '12 hours', tables = [] } = options;
  const { zone = 'America/New_York' } = options;
  const [graceMs, skewMs] = [durationMs(grace), durationMs(skew)];
  const { deadLetters, events, quarantine } = topics;
  const builder = new TopologyBuilder(application, {
    deadLetter: deadLetters,
    deadLetterDrops: ['future'],
  });
  const source = { name: 'events', key: bytes(), value: json<unknown>() };
  const { accepted, quarantined, late } = acceptEvents(
    builder.stream(events, eventSource(snakeCase, source)),
    { ...eventRules, grace, deduplicate: { within: '1 hour', grace: graceMs + skewMs } },
  );
  quarantined.to(quarantine);
  late?.to(quarantine);
  const placed = enrichGeo(accepted, geo, { address: 'truncate' });
  const results = { graceMs, skewMs, zone, tables };
  writeEvents(placed, results);
  writeSessions(placed, results);
  writeViews(placed, results);
  writeUsers(placed, results);
  return builder.build();
}

function writeEvents(events: PlacedEvents, { tables }: Results): void {
  events.to(topics.accepted);
  for (const table of tables) events.mapValues(eventRow).toSink(table.events, refusable);
}

function writeSessions(events: PlacedEvents, { graceMs, skewMs, tables }: Results): void {
  const sessions = sessionsOf(events, {
    gap: sessionGap,
    grace: graceMs + 2 * skewMs,
    country: ({ geo }) => geo.country,
  });
  const final = sessions.final();
  final.to(topics.sessions);
  sessions.live().to(topics.liveSessions);
  for (const table of tables) final.mapValues(sessionRow).toSink(table.sessions, refusable);
}

function writeViews(events: PlacedEvents, { graceMs, skewMs, tables }: Results): void {
  const views = viewCountsOf(events, {
    isView: ({ type }) => type === 'page_view',
    item: { of: ({ context }) => context.page, key: string() },
    window: '1 minute',
    grace: graceMs + 2 * skewMs,
  });
  const perMinute = views.live();
  perMinute.to(topics.viewsPerMinute);
  views.total().to(topics.viewsPerPage);
  for (const table of tables) {
    perMinute
      .mapValues((count, key) => viewCountRow(count, key))
      .toSink(table.viewCounts, refusable);
  }
  events
    .filter(({ type }) => type === 'page_view')
    .groupBy(({ geo }) => geo.country ?? 'unknown', { name: 'by-country', key: string() })
    .count({ name: 'views-per-country', emit: onCommit() })
    .toStream()
    .to(topics.viewsPerCountry);
}

function writeUsers(events: PlacedEvents, { graceMs, skewMs, zone, tables }: Results): void {
  const users = countActiveUsers(events, {
    zone,
    grace: graceMs + skewMs,
    skew: skewMs,
    live: onCommit(),
  });
  activeUserRows(users).to(topics.activeUsers);
  const live = activeUserRows(users.live);
  live.to(topics.liveUsers);
  for (const table of tables) live.mapValues(activeUsersRow).toSink(table.activeUsers, refusable);
}
