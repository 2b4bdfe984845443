import { postgres } from '../../src/sinks/postgres.ts';
import type { Tables } from './rows.ts';

/** Made where they are absent. */
export function postgresTables(connection: string): Tables {
  return {
    events: postgres({
      connection,
      name: 'events-postgres',
      table: 'events',
      columns: {
        event_id: 'text',
        event_type: 'text',
        visitor: 'text',
        page: 'text?',
        country: 'text?',
        ip: 'text?',
        happened_at: 'timestamptz',
      },
      createTable: true,
    }),
    sessions: postgres({
      connection,
      name: 'sessions-postgres',
      table: 'sessions',
      columns: {
        visitor: 'text',
        started_at: 'timestamptz',
        ended_at: 'timestamptz',
        duration_ms: 'bigint',
        events: 'bigint',
        page_views: 'bigint',
        entry_page: 'text?',
        exit_page: 'text?',
        is_bounce: 'boolean',
        country: 'text?',
      },
      createTable: true,
    }),
    viewCounts: postgres({
      connection,
      name: 'view-counts-postgres',
      table: 'view_counts',
      columns: { page: 'text', window_start: 'timestamptz', views: 'bigint' },
      key: ['window_start', 'page'],
      createTable: true,
    }),
    activeUsers: postgres({
      connection,
      name: 'active-users-postgres',
      table: 'active_users',
      columns: { period: 'text', period_start: 'timestamptz', users: 'bigint' },
      key: ['period', 'period_start'],
      createTable: true,
    }),
  };
}
