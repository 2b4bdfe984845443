import { describe, expect, it } from 'vitest';
import { generatedEvents } from '../examples/content-platform/recounted-platform.ts';
import { hasPostgres, onPostgres } from './support/on-postgres.ts';
import { firstDifferences } from './support/multisets.ts';
import { PlatformRun } from './support/platform-run.ts';

const events = 20_000;
const zone = "'America/New_York'";

/** Of each table, and of the clean events: rows as arrays of text. */
const laws = {
  events: {
    found: 'SELECT event_id, event_type, visitor, page, country, happened_at FROM events',
    expected: 'SELECT id, type, visitor, page, country, at FROM clean',
  },
  'view counts': {
    found: 'SELECT page, window_start, views FROM view_counts',
    expected: `SELECT page, date_trunc('minute', at), count(*) FROM clean
      WHERE type = 'page_view' GROUP BY 1, 2`,
  },
  'active users': {
    found: 'SELECT period, period_start, users FROM active_users',
    expected: ['day', 'week', 'month']
      .map(
        (period) =>
          `SELECT '${period}', date_trunc('${period}', at, ${zone}), count(DISTINCT visitor)
            FROM clean GROUP BY 2`,
      )
      .join(' UNION ALL '),
  },
} as const;

const sessions = `
  SELECT visitor, min(at), max(at) AS ended, count(*), count(*) FILTER (WHERE type = 'page_view'),
    (array_agg(page ORDER BY at, id) FILTER (WHERE type = 'page_view'))[1],
    (array_agg(page ORDER BY at DESC, id DESC) FILTER (WHERE type = 'page_view'))[1],
    count(*) FILTER (WHERE type = 'page_view') = 1,
    (array_agg(country ORDER BY at, id) FILTER (WHERE country IS NOT NULL))[1]
  FROM (
    SELECT *, sum(begins) OVER (PARTITION BY visitor ORDER BY at, id) AS number FROM (
      SELECT *, CASE WHEN at - lag(at) OVER (PARTITION BY visitor ORDER BY at, id)
        <= interval '30 minutes' THEN 0 ELSE 1 END AS begins FROM clean) AS marked) AS numbered
  GROUP BY visitor, number`;
const foundSessions = `
  SELECT visitor, started_at, ended_at AS ended, events, page_views, entry_page, exit_page,
    is_bounce, country FROM sessions`;
/** Gap, graces and twice what tasks may be apart. */
const surelyEnded = `ended < (SELECT max(at) FROM clean) - interval '5 hours'`;

describe.skipIf(!hasPostgres)('The content platform in PostgreSQL', () => {
  const on = onPostgres();
  /** Each row as the text that PostgreSQL writes for it: the names of columns are of no account. */
  const rowsOf = async (select: string) => {
    const rows = await on.rows(`SELECT own::text AS row FROM (${select}) AS own`);
    return rows.map((row) => String(Object.values(row)[0]));
  };

  it('has the rows that SQL makes of the clean events', async () => {
    const run = new PlatformRun(events, on.url);
    const { output, code } = await run.start().finished;
    run.remove();
    expect(output).toMatch(/20,000 events: .* accepted/);
    expect(code).toBe(0);
    await on.rows(
      'CREATE TABLE clean (id text, type text, visitor text, page text, country text, at timestamptz)',
    );
    const clean = generatedEvents(1, events).clean.map(({ timeMs, ...event }) => {
      return { ...event, at: new Date(timeMs).toISOString() };
    });
    const text = JSON.stringify(clean).replaceAll("'", "''");
    await on.rows(
      `INSERT INTO clean SELECT * FROM json_populate_recordset(null::clean, '${text}')`,
    );
    for (const { found, expected } of Object.values(laws)) {
      const rows = await rowsOf(expected);
      expect(rows.length).toBeGreaterThan(0);
      expect(firstDifferences(rows, await rowsOf(found))).toEqual([]);
    }
    const found = await rowsOf(foundSessions);
    const ofAll = new Set(found);
    const ended = (await rowsOf(sessions)).filter((row) => ofAll.has(row));
    expect(firstDifferences(ended, found)).toEqual([]);
    const over = await rowsOf(`SELECT * FROM (${sessions}) AS every WHERE ${surelyEnded}`);
    expect(over.length).toBeGreaterThan(0);
    expect(over.filter((row) => !ofAll.has(row)).slice(0, 5)).toEqual([]);
  }, 120_000);
});
