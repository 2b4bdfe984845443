import type { CleanEvent } from '../../examples/content-platform/recounted-platform.ts';
import type { ClickhouseEngine } from './clickhouse-engine.ts';

const zone = "'America/New_York'";

/** What the tables are to hold, told by SQL over the events that obey the rules. */
export const platformLaws = {
  'The events are the clean ones, once each': {
    found: `SELECT event_id, event_type, visitor, page, country, happened_at FROM events
      WHERE visitor NOT LIKE 'closing%'`,
    expected: 'SELECT id, type, visitor, page, country, at FROM clean',
  },
  'The views of each page and minute are a count of the clean views': {
    found: `SELECT page, toUnixTimestamp(window_start), views FROM view_counts FINAL
      WHERE page NOT LIKE '/closing%'`,
    expected: `SELECT page, toUnixTimestamp(toStartOfMinute(at)) AS minute, count()
      FROM clean WHERE type = 'page_view' GROUP BY page, minute`,
  },
  'The users of each day, week and month are a count of different visitors': {
    found: `SELECT period, toUnixTimestamp(period_start), users FROM active_users FINAL
      WHERE period_start <= (SELECT max(at) FROM clean)`,
    expected: ['day:toDate', 'week:toMonday', 'month:toStartOfMonth']
      .map((period) => period.split(':'))
      .map(
        ([name, start]) =>
          `SELECT '${name}', toUnixTimestamp(toDateTime(${start}(at, ${zone}), ${zone})) AS start,
            uniqExact(visitor) FROM clean GROUP BY start`,
      )
      .join(' UNION ALL '),
  },
} as const;

export const sessionsExpected = `
  SELECT visitor, min(ms), max(ms) AS ended, max(ms) - min(ms), count(), countIf(type = 'page_view'),
    if(countIf(type = 'page_view') = 0, NULL, argMinIf(page, (ms, id), type = 'page_view')),
    if(countIf(type = 'page_view') = 0, NULL, argMaxIf(page, (ms, id), type = 'page_view')),
    countIf(type = 'page_view') = 1,
    argMinIf(country, (ms, id), country IS NOT NULL)
  FROM (
    SELECT *, sum(begins) OVER (PARTITION BY visitor ORDER BY ms, id) AS number FROM (
      SELECT *, toUnixTimestamp64Milli(at) AS ms,
        ms - lagInFrame(ms, 1, 0) OVER (PARTITION BY visitor ORDER BY ms, id
          ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) > 1800000 AS begins
      FROM clean))
  GROUP BY visitor, number`;
export const sessionsFound = `
  SELECT visitor, toUnixTimestamp64Milli(started_at), toUnixTimestamp64Milli(ended_at) AS ended,
    duration_ms, events, page_views, entry_page, exit_page, toUInt8(is_bounce), country
  FROM sessions WHERE visitor NOT LIKE 'closing%'`;
/** Gap, graces and twice what tasks may be apart, and some more. */
export const surelyEnded = `ended < (SELECT max(toUnixTimestamp64Milli(at)) FROM clean) - 6 * 3600000`;

/** The clean events, as the table that the laws speak of. */
export async function insertClean(
  engine: ClickhouseEngine,
  clean: readonly CleanEvent[],
): Promise<void> {
  await engine.query(
    `CREATE TABLE clean (id String, type String, visitor String, page String,
      country Nullable(String), at DateTime64(3, 'UTC')) ENGINE = MergeTree ORDER BY id`,
  );
  const rows = clean.map(({ timeMs, ...event }) => JSON.stringify({ ...event, at: timeMs }));
  const query = encodeURIComponent('INSERT INTO clean FORMAT JSONEachRow');
  const body = rows.join('\n');
  const response = await fetch(`${engine.url}/?query=${query}`, { method: 'POST', body });
  if (!response.ok) throw new Error(await response.text());
}
