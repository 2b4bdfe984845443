import type { Copy } from './requests.ts';
import { liveZone, type SessionCut, sessionCuts, zones } from './topology.ts';

/** What is in a table, and what the engine makes of the raw log itself; equal, row by row. */
export interface Question {
  readonly about: string;
  readonly delivered: string;
  readonly recounted: string;
}

/** RE2 and JavaScript read it alike. */
const combined = String.raw`^(\S+) \S+ .*? \[([^\]]+)\] "((?:[^"\\]|\\.)*)" (\d{3}) (?:\d+|-) "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)"\s*$`;

const quoted = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`;

/** The engine reads the file by itself: nothing of the library has touched these rows. */
export function rawTable(path: string, copies: readonly Copy[]): string {
  const moved = copies.map(({ name, days }) => `(${quoted(name)}, ${days})`).join(', ');
  return `
    CREATE TABLE raw ENGINE = MergeTree ORDER BY tuple() AS
    SELECT
      concat(copy.1, '-', toString(number)) AS id,
      addDays(parseDateTime(parts[2], '%d/%b/%Y:%H:%i:%s %z', 'UTC'), copy.2) AS at,
      parts[1] AS address,
      concat(parts[1], ' ', parts[6]) AS visitor,
      splitByChar(' ', parts[3])[2] AS page,
      nullIf(parts[5], '-') AS referrer,
      startsWith(parts[3], 'GET ') AND parts[4] = '200' AS isView
    FROM (
      SELECT extractGroups(line, ${quoted(combined)}) AS parts, rowNumberInAllBlocks() AS number
      FROM file(${quoted(path)}, LineAsString, 'line String')
    )
    ARRAY JOIN [${moved}] AS copy
    WHERE notEmpty(parts)
    SETTINGS max_threads = 1, input_format_parallel_parsing = 0`;
}

/** Country by address; null: none is known. */
export function placesTable(places: ReadonlyMap<string, string | null>): readonly string[] {
  const rows = [...places].map(([address, country]) => {
    return `(${quoted(address)}, ${country === null ? 'NULL' : quoted(country)})`;
  });
  return [
    'CREATE TABLE places (address String, country Nullable(String)) ENGINE = MergeTree ORDER BY address',
    `INSERT INTO places VALUES ${rows.join(', ')}`,
    'CREATE VIEW located AS SELECT raw.*, country FROM raw INNER JOIN places USING (address)',
  ];
}

/** Results of what came after the copies of the log are not asked for. */
const untilEnd = "startMs < '2015-12-15'";

const allRequests: Question = {
  about: 'requests',
  delivered: `SELECT id, at, visitor, page, isView, country FROM requests WHERE at < '2015-12-15'`,
  recounted: `SELECT id, toDateTime64(at, 3, 'UTC') AS at, visitor, page, isView::Bool AS isView, country
    FROM located`,
};

function sessionsAsked(cut: SessionCut): Question {
  return {
    about: cut.table,
    delivered: `SELECT * FROM ${cut.table} WHERE ${untilEnd}`,
    recounted: `
      SELECT
        visitor,
        toDateTime64(min(at), 3, 'UTC') AS startMs,
        toDateTime64(max(at), 3, 'UTC') AS endMs,
        toUInt64(dateDiff('second', min(at), max(at)) * 1000) AS durationMs,
        count()::UInt32 AS events,
        countIf(isView)::UInt32 AS pageViews,
        if(pageViews = 0, NULL, argMinIf(page, (at, id), isView)) AS entryPage,
        if(pageViews = 0, NULL, argMaxIf(page, (at, id), isView)) AS exitPage,
        (pageViews = 1)::Bool AS isBounce,
        if(pageViews = 0, NULL, argMinIf(tuple(referrer), (at, id), isView).1) AS referrer,
        any(country) AS country
      FROM (${cut.maxLengthSeconds === null ? byPauses(cut) : byPausesAndLength(cut)})
      GROUP BY visitor, session`,
  };
}

function byPauses({ gapSeconds }: SessionCut): string {
  return `
    SELECT *, sum(isFirst) OVER (PARTITION BY visitor ORDER BY at, id) AS session
    FROM (
      SELECT *,
        row_number() OVER own = 1
          OR dateDiff('second', lagInFrame(at) OVER own, at) > ${gapSeconds} AS isFirst
      FROM located
      WINDOW own AS (
        PARTITION BY visitor ORDER BY at, id
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      )
    )`;
}

/** Where a session begins depends on where the one before it did: no window function tells. */
function byPausesAndLength({ gapSeconds, maxLengthSeconds }: SessionCut): string {
  return `
    SELECT visitor, request.1 AS at, request.2 AS id, request.3 AS page, request.4 AS referrer,
      request.5 AS country, request.6 AS isView, session
    FROM (
      SELECT visitor,
        arraySort(groupArray((at, id, page, referrer, country, isView))) AS requests,
        arrayMap(request -> toUnixTimestamp(request.1), requests) AS times,
        arrayFold(
          (found, time) -> if(
            time - found.2 > ${gapSeconds} OR time - found.1 >= ${maxLengthSeconds},
            (time, time, arrayPushBack(found.3, time)),
            (found.1, time, arrayPushBack(found.3, found.1))
          ),
          times,
          (toUInt32(0), toUInt32(0), emptyArrayUInt32())
        ).3 AS sessions
      FROM located GROUP BY visitor
    )
    ARRAY JOIN requests AS request, sessions AS session`;
}

const inHours = "toDateTime64(toStartOfHour(at, 'UTC'), 3, 'UTC') AS startMs";

const views: readonly Question[] = [
  {
    about: 'views per page and hour',
    delivered: `SELECT page, startMs, count FROM views WHERE ${untilEnd}`,
    recounted: `SELECT page, ${inHours}, count() AS count FROM raw WHERE isView
      GROUP BY page, startMs`,
  },
  {
    about: 'viewers per page and hour',
    delivered: `SELECT page, startMs, count FROM viewers WHERE ${untilEnd}`,
    recounted: `SELECT page, ${inHours}, uniqExact(visitor) AS count FROM raw WHERE isView
      GROUP BY page, startMs`,
  },
  {
    about: 'pages with the most views of each hour',
    delivered: `SELECT startMs, pages, counts FROM top WHERE ${untilEnd}`,
    recounted: `
      SELECT startMs, groupArray(page) AS pages, groupArray(count) AS counts
      FROM (
        SELECT page, ${inHours}, count() AS count FROM raw WHERE isView GROUP BY page, startMs
        ORDER BY startMs, count DESC, page LIMIT 10 BY startMs
      )
      GROUP BY startMs`,
  },
];

const countries: Question = {
  about: 'requests per country and day',
  delivered: `SELECT country, startMs, count FROM countries WHERE ${untilEnd}`,
  recounted: `
    SELECT assumeNotNull(country) AS country,
      toDateTime64(toStartOfDay(at, 'UTC'), 3, 'UTC') AS startMs, count() AS count
    FROM located WHERE country IS NOT NULL GROUP BY country, startMs`,
};

/** By the engine's own calendar and time zones. */
const periods = {
  day: { start: 'date', end: 'addDays' },
  week: { start: 'toMonday(date)', end: 'addWeeks' },
  month: { start: 'toStartOfMonth(date)', end: 'addMonths' },
} as const;

function usersAsked(zone: string, by: string): string {
  const midnight = (date: string) =>
    `toDateTime64(toTimeZone(toDateTime(${date}, '${zone}'), 'UTC'), 3, 'UTC')`;
  const each = Object.entries(periods).map(
    ([period, { start, end }]) => `
      SELECT '${zone}' AS zone, '${period}' AS period, ${by} AS by,
        ${midnight('first')} AS startMs, ${midnight(`${end}(first, 1)`)} AS endMs,
        uniqExact(visitor) AS users
      FROM (SELECT *, toDate(toStartOfDay(at, '${zone}'), '${zone}') AS date, ${start} AS first FROM located)
      WHERE by IS NOT NULL GROUP BY by, first`,
  );
  return each.join(' UNION ALL ');
}

const activeUsers: readonly Question[] = [
  ...zones.map((zone) => ({
    about: `active users in ${zone}`,
    delivered: `SELECT zone, period, by, startMs, endMs, users FROM active_users
      WHERE zone = '${zone}' AND by = 'all' AND ${untilEnd}`,
    recounted: usersAsked(zone, "'all'"),
  })),
  {
    about: 'active users by country',
    delivered: `SELECT zone, period, by, startMs, endMs, users FROM active_users
      WHERE by != 'all' AND ${untilEnd}`,
    recounted: usersAsked('UTC', 'country'),
  },
];

/** To be asked before anything comes after the copies of the log. */
export const runningCounts: readonly Question[] = [
  {
    about: 'views per page',
    delivered: 'SELECT page, count FROM totals FINAL',
    recounted: 'SELECT page, count() AS count FROM raw WHERE isView GROUP BY page',
  },
  {
    about: `active users in ${liveZone} so far`,
    delivered: `SELECT zone, period, by, startMs, endMs, users FROM active_users_now FINAL`,
    recounted: usersAsked(liveZone, "'all'"),
  },
];

export const finals: readonly Question[] = [
  allRequests,
  ...sessionCuts.map(sessionsAsked),
  ...views,
  countries,
  ...activeUsers,
];
