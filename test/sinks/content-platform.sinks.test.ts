import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generatedEvents } from '../examples/content-platform/recounted-platform.ts';
import { type ClickhouseEngine, startClickhouse } from './support/clickhouse-engine.ts';
import { differences, PlatformRun, quarantineText } from './support/platform-run.ts';

const events = 100_000;
const zone = "'America/New_York'";

/** What the tables are to hold, told by SQL over the events that obey the rules. */
const laws = {
  'The events are the clean ones, once each': {
    found: `SELECT event_id, event_type, visitor, page, country, happened_at FROM events`,
    expected: 'SELECT id, type, visitor, page, country, at FROM clean',
  },
  'The views of each page and minute are a count of the clean views': {
    found: 'SELECT page, toUnixTimestamp(window_start), views FROM view_counts FINAL',
    expected: `SELECT page, toUnixTimestamp(toStartOfMinute(at)) AS minute, count()
      FROM clean WHERE type = 'page_view' GROUP BY page, minute`,
  },
  'The users of each day, week and month are a count of different visitors': {
    found: 'SELECT period, toUnixTimestamp(period_start), users FROM active_users FINAL',
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

const sessions = `
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
const foundSessions = `
  SELECT visitor, toUnixTimestamp64Milli(started_at), toUnixTimestamp64Milli(ended_at) AS ended,
    duration_ms, events, page_views, entry_page, exit_page, toUInt8(is_bounce), country
  FROM sessions`;
/** Gap, graces and twice what tasks may be apart, and some more. */
const surelyEnded = `ended < (SELECT max(toUnixTimestamp64Milli(at)) FROM clean) - 6 * 3600000`;

describe(`${events} events, two workers killed on the way, in ClickHouse`, () => {
  const { clean, bad } = generatedEvents(1, events);
  let engine: ClickhouseEngine;
  let run: PlatformRun;

  beforeAll(async () => {
    engine = await startClickhouse();
    run = new PlatformRun(events, engine.url.replace('http:', 'clickhouse:'));
    const killed = run.start();
    await killed.outputMatches(/\n[4-9]\d,\d{3} of/);
    killed.child.kill('SIGKILL');
    await killed.finished;
    const { code, output } = await run.start().finished;
    expect(output).toMatch(/100,000 events: .* accepted/);
    expect(code).toBe(0);
    await insertClean();
  }, 400_000);

  afterAll(async () => {
    await engine.stop();
    run.remove();
  });

  async function insertClean(): Promise<void> {
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

  it.each(Object.entries(laws))('%s', async (_law, { found, expected }) => {
    const rows = await engine.query(expected);
    expect(rows.length).toBeGreaterThan(0);
    expect(differences(await engine.query(found), rows)).toEqual([]);
  });

  it('Each session that is over is there once, as it was, and none that never was', async () => {
    const found = await engine.query(foundSessions);
    const over = await engine.query(`SELECT * FROM (${sessions}) WHERE ${surelyEnded}`);
    expect(over.length).toBeGreaterThan(10_000);
    const ofAll = new Set(found);
    const ended = (await engine.query(sessions)).filter((row) => ofAll.has(row));
    expect(differences(found, ended)).toEqual([]);
    expect(over.filter((row) => !ofAll.has(row)).slice(0, 5)).toEqual([]);
  });

  it('Each bad event is in the quarantine once, with its reason', async () => {
    const expected = bad.map(({ sent, rule }) => quarantineText(sent, rule));
    expect(differences(await run.quarantined(), expected)).toEqual([]);
  });
});
