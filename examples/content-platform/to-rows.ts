import type { Windowed } from '../../src/index.ts';
import type { ActiveUserCount } from '../../src/topologies/active-users.ts';
import type { GeoEvent } from '../../src/topologies/geo.ts';
import type { SessionSummary } from '../../src/topologies/sessions.ts';
import type { ActiveUsersRow, EventRow, SessionRow, ViewCountRow } from './rows.ts';

export function eventRow(event: GeoEvent, visitor: string | null): EventRow {
  const { context, geo } = event;
  return {
    event_id: event.id,
    event_type: event.type,
    visitor: visitor ?? event.id,
    page: context.page,
    country: geo.country,
    ip: context.ip,
    happened_at: event.timestampMs,
  };
}

export function sessionRow(session: SessionSummary): SessionRow {
  return {
    visitor: session.visitor,
    started_at: session.startMs,
    ended_at: session.endMs,
    duration_ms: session.durationMs,
    events: session.events,
    page_views: session.pageViews,
    entry_page: session.entryPage,
    exit_page: session.exitPage,
    is_bounce: session.isBounce,
    country: session.country,
  };
}

export function viewCountRow(views: number, { key, startMs }: Windowed<string>): ViewCountRow {
  return { page: key, window_start: startMs, views };
}

export function activeUsersRow({ period, startMs, users }: ActiveUserCount): ActiveUsersRow {
  return { period, period_start: startMs, users };
}
