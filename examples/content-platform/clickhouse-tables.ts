import { clickhouse } from '../../src/sinks/clickhouse.ts';
import type { Tables } from './rows.ts';

/** Made where they are absent. `FINAL` in a query leaves the last row of each key. */
export function clickhouseTables(given: URL): Tables {
  const url = `http://${given.host}`;
  const database = given.pathname.slice(1);
  const server = {
    url,
    ...(given.username === '' ? {} : { username: decodeURIComponent(given.username) }),
    ...(given.password === '' ? {} : { password: decodeURIComponent(given.password) }),
    ...(database === '' ? {} : { database: decodeURIComponent(database) }),
  };
  return {
    events: clickhouse({
      ...server,
      name: 'events-clickhouse',
      table: 'events',
      columns: {
        event_id: 'String',
        event_type: 'LowCardinality(String)',
        visitor: 'String',
        page: 'Nullable(String)',
        country: 'Nullable(String)',
        ip: 'Nullable(String)',
        happened_at: "DateTime64(3, 'UTC')",
      },
      createTable: { orderBy: ['happened_at', 'event_id'] },
    }),
    sessions: clickhouse({
      ...server,
      name: 'sessions-clickhouse',
      table: 'sessions',
      columns: {
        visitor: 'String',
        started_at: "DateTime64(3, 'UTC')",
        ended_at: "DateTime64(3, 'UTC')",
        duration_ms: 'UInt64',
        events: 'UInt64',
        page_views: 'UInt64',
        entry_page: 'Nullable(String)',
        exit_page: 'Nullable(String)',
        is_bounce: 'Bool',
        country: 'Nullable(String)',
      },
      createTable: { orderBy: ['started_at', 'visitor'] },
    }),
    viewCounts: clickhouse({
      ...server,
      name: 'view-counts-clickhouse',
      table: 'view_counts',
      columns: { page: 'String', window_start: "DateTime64(3, 'UTC')", views: 'UInt64' },
      // Counts only grow, so the greatest is the last.
      createTable: {
        orderBy: ['window_start', 'page'],
        engine: 'ReplacingMergeTree(views)',
      },
    }),
    activeUsers: clickhouse({
      ...server,
      name: 'active-users-clickhouse',
      table: 'active_users',
      columns: {
        period: 'LowCardinality(String)',
        period_start: "DateTime64(3, 'UTC')",
        users: 'UInt64',
      },
      createTable: {
        orderBy: ['period', 'period_start'],
        engine: 'ReplacingMergeTree(users)',
      },
    }),
  };
}
