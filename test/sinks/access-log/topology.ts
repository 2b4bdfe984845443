import {
  type Duration,
  json,
  type KStream,
  onCommit,
  string,
  type Topology,
  TopologyBuilder,
} from '../../../src/index.ts';
import { clickhouse } from '../../../src/sinks/clickhouse.ts';
import {
  type ActiveUserCount,
  activeUserRows,
  countActiveUsers,
} from '../../../src/topologies/active-users.ts';
import { enrichGeo, type GeoDatabase, type GeoEvent } from '../../../src/topologies/geo.ts';
import { acceptEvents, eventSource, snakeCase } from '../../../src/topologies/intake.ts';
import { sessionsOf } from '../../../src/topologies/sessions.ts';
import { viewCountsOf, visitorOf } from '../../../src/topologies/view-counts.ts';

type Request = GeoEvent;
type Requests = KStream<string, Request>;

/** What all sinks have in common. */
interface Delivery {
  readonly url: string;
  readonly batches: { readonly maxDelay: Duration };
}

/** Longer than one copy of the log: so far apart may tasks be that read it. */
const apart: Duration = '5 days';

const time = "DateTime64(3, 'UTC')";

export const zones = ['UTC', 'America/New_York', 'Asia/Kathmandu'] as const;

/** Whose counts are also delivered while they grow. */
export const liveZone = 'America/New_York';

/** How sessions are cut, by the table they go to. The log has one burst of requests each hour. */
export interface SessionCut {
  readonly table: string;
  readonly gapSeconds: number;
  readonly maxLengthSeconds: number | null;
}

export const sessionCuts: readonly SessionCut[] = [
  { table: 'sessions', gapSeconds: 1_800, maxLengthSeconds: null },
  { table: 'sessions_of_hours', gapSeconds: 3_600, maxLengthSeconds: null },
  { table: 'cut_sessions', gapSeconds: 5_400, maxLengthSeconds: 14_400 },
];

/** Intake, places, sessions, views and active users of requests, delivered to tables. */
export function accessLogTopology(geo: GeoDatabase, url: string): Topology {
  const to: Delivery = { url, batches: { maxDelay: '20ms' } };
  const builder = new TopologyBuilder('site');
  const sent = builder.stream(
    'requests',
    eventSource(snakeCase, { key: string(), value: json<unknown>() }),
  );
  const { accepted, quarantined, late } = acceptEvents(sent, {
    // What is late is told here, where it is read; all graces behind it only wait for other tasks.
    grace: '1 minute',
    deduplicate: { within: '1 hour', grace: apart },
  });
  quarantined.to('quarantine');
  late?.to('quarantine');
  const requests = enrichGeo(accepted, geo, { address: 'drop' });
  deliverRequests(requests, to);
  deliverSessions(requests, to);
  deliverViews(requests, to);
  deliverCountries(requests, to);
  deliverActiveUsers(requests, to);
  return builder.build();
}

function deliverRequests(requests: Requests, to: Delivery): void {
  const columns = {
    id: 'String',
    at: time,
    visitor: 'String',
    page: 'String',
    isView: 'Bool',
    country: 'Nullable(String)',
  } as const;
  requests
    .mapValues((request) => ({
      id: request.id,
      at: request.timestampMs,
      visitor: visitorOf(request) ?? '',
      page: request.context.page ?? '',
      isView: request.type === 'page_view',
      country: request.geo.country,
    }))
    .toSink(
      clickhouse({
        ...to,
        name: 'requests-rows',
        table: 'requests',
        columns,
        createTable: { orderBy: ['id'] },
      }),
    );
}

function deliverSessions(requests: Requests, to: Delivery): void {
  const columns = {
    visitor: 'String',
    startMs: time,
    endMs: time,
    durationMs: 'UInt64',
    events: 'UInt32',
    pageViews: 'UInt32',
    entryPage: 'Nullable(String)',
    exitPage: 'Nullable(String)',
    isBounce: 'Bool',
    referrer: 'Nullable(String)',
    country: 'Nullable(String)',
  } as const;
  for (const { table, gapSeconds, maxLengthSeconds } of sessionCuts) {
    const name = table.replaceAll('_', '-');
    const found = sessionsOf(requests, {
      name,
      gap: `${gapSeconds}s`,
      grace: apart,
      country: ({ geo }) => geo.country,
      ...(maxLengthSeconds === null ? {} : { maxLength: `${maxLengthSeconds}s` }),
    });
    const createTable = { orderBy: ['visitor', 'startMs'] as const };
    const sink = clickhouse({ ...to, name: `${name}-out`, table, columns, createTable });
    found.final().toSink(sink);
  }
}

function deliverViews(requests: Requests, to: Delivery): void {
  const views = viewCountsOf(requests, {
    isView: ({ type }) => type === 'page_view',
    item: { of: ({ context }) => context.page, key: string() },
    window: '1 hour',
    grace: apart,
  });
  const counted = { page: 'String', startMs: time, count: 'UInt64' } as const;
  const orderBy = ['page', 'startMs'] as const;
  const table = (name: string) =>
    clickhouse({
      ...to,
      name: `${name}-out`,
      table: name,
      columns: counted,
      createTable: { orderBy },
    });
  views
    .final()
    .map((count, { key: page, startMs }) => ({ key: page, value: { page, startMs, count } }))
    .toSink(table('views'));
  views
    .viewers({ of: visitorOf })
    .map((count, { key: page, startMs }) => ({ key: page, value: { page, startMs, count } }))
    .toSink(table('viewers'));
  views
    .total()
    .mapValues((count, page) => ({ page, count }))
    .toSink(
      clickhouse({
        ...to,
        name: 'totals-out',
        table: 'totals',
        columns: { page: 'String', count: 'UInt64' },
        createTable: { orderBy: ['page'], engine: 'ReplacingMergeTree(count)' },
      }),
    );
  views
    .top({ n: 10, slack: apart })
    .map((list, { startMs }) => {
      const pages = list.map(({ value }) => value);
      return { key: null, value: { startMs, pages, counts: list.map(({ score }) => score) } };
    })
    .toSink(
      clickhouse({
        ...to,
        name: 'top-out',
        table: 'top',
        columns: { startMs: time, pages: 'Array(String)', counts: 'Array(UInt64)' },
        createTable: { orderBy: ['startMs'] },
      }),
    );
}

function deliverCountries(requests: Requests, to: Delivery): void {
  const columns = { country: 'String', startMs: time, count: 'UInt64' } as const;
  const createTable = { orderBy: ['country', 'startMs'] as const };
  viewCountsOf(requests, {
    name: 'countries',
    item: { of: ({ geo }) => geo.country, key: string() },
    window: '1 day',
    grace: apart,
  })
    .final()
    .map((count, { key: country, startMs }) => ({
      key: country,
      value: { country, startMs, count },
    }))
    .toSink(clickhouse({ ...to, name: 'countries-out', table: 'countries', columns, createTable }));
}

function deliverActiveUsers(requests: Requests, to: Delivery): void {
  const columns = {
    zone: 'String',
    period: 'String',
    by: 'String',
    startMs: time,
    endMs: time,
    users: 'UInt64',
  } as const;
  const orderBy = ['zone', 'period', 'by', 'startMs'] as const;
  const waits = { grace: apart, skew: apart };
  const inZone = (zone: string, rows: KStream<unknown, ActiveUserCount>) =>
    rows.mapValues((row) => ({ ...row, zone }));
  const byCountry = countActiveUsers(requests, {
    ...waits,
    name: 'users-by-country',
    zone: 'UTC',
    by: ({ geo }) => geo.country,
  });
  let finals = inZone('UTC', activeUserRows(byCountry));
  for (const zone of zones) {
    const name = `users-${zone.toLowerCase().replace('/', '-')}`;
    const counting = { ...waits, name, zone };
    if (zone !== liveZone) {
      finals = finals.merge(inZone(zone, activeUserRows(countActiveUsers(requests, counting))));
      continue;
    }
    const counts = countActiveUsers(requests, { ...counting, live: onCommit() });
    finals = finals.merge(inZone(zone, activeUserRows(counts)));
    const createTable = { orderBy, engine: 'ReplacingMergeTree(users)' } as const;
    inZone(zone, activeUserRows(counts.live)).toSink(
      clickhouse({ ...to, name: 'users-now', table: 'active_users_now', columns, createTable }),
    );
  }
  const createTable = { orderBy };
  finals.toSink(clickhouse({ ...to, name: 'users', table: 'active_users', columns, createTable }));
}
