import type { Sink } from '../../src/index.ts';

/** Times are epoch milliseconds. */
export interface EventRow {
  readonly event_id: string;
  readonly event_type: string;
  readonly visitor: string;
  readonly page: string | null;
  readonly country: string | null;
  readonly ip: string | null;
  readonly happened_at: number;
}

/** A session that has ended. */
export interface SessionRow {
  readonly visitor: string;
  readonly started_at: number;
  readonly ended_at: number;
  readonly duration_ms: number;
  readonly events: number;
  readonly page_views: number;
  readonly entry_page: string | null;
  readonly exit_page: string | null;
  readonly is_bounce: boolean;
  readonly country: string | null;
}

/** Replaces the one of its page and window. */
export interface ViewCountRow {
  readonly page: string;
  readonly window_start: number;
  readonly views: number;
}

/** Replaces the one of its period. */
export interface ActiveUsersRow {
  readonly period: string;
  readonly period_start: number;
  readonly users: number;
}

/** The tables of a database, as sinks. */
export interface Tables {
  readonly events: Sink<EventRow>;
  readonly sessions: Sink<SessionRow>;
  readonly viewCounts: Sink<ViewCountRow>;
  readonly activeUsers: Sink<ActiveUsersRow>;
}
