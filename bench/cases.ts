import { onCommit, onUpdate } from '../src/index.ts';
import type { Measurement } from './measure/measurement.ts';
import { measureQuery } from './measure/measure-query.ts';
import { measureRestore } from './measure/measure-restore.ts';
import { count } from './queries/count.ts';
import { deduplicate } from './queries/deduplicate.ts';
import { filterMap } from './queries/filter-map.ts';
import { foreignKeyJoin } from './queries/foreign-key-join.ts';
import { mapAsync } from './queries/map-async.ts';
import { passThrough } from './queries/pass-through.ts';
import type { Query } from './queries/query.ts';
import { sessions } from './queries/sessions.ts';
import { slidingCount } from './queries/sliding-count.ts';
import { streamStreamJoin } from './queries/stream-stream-join.ts';
import { streamTableJoin } from './queries/stream-table-join.ts';
import { windowedCount } from './queries/windowed-count.ts';

export interface BenchCase {
  readonly records: number;
  readonly measure: (records: number) => Promise<Measurement>;
}

function queryCase(query: Query, commitInterval: '100ms' | '1s' = '100ms'): BenchCase {
  const measure = (records: number) => measureQuery({ query, commitInterval, records });
  return { records: commitInterval === '1s' ? 1_500_000 : 1_000_000, measure };
}

/** With its metrics asked for once a second. */
function scrapedCase(query: Query): BenchCase {
  const measure = (records: number) =>
    measureQuery({ query, commitInterval: '100ms', records, isScraped: true });
  return { records: 1_000_000, measure };
}

export const cases: Readonly<Record<string, BenchCase>> = {
  'pass-through': queryCase(passThrough),
  'filter-map': queryCase(filterMap),
  'map-async': queryCase(mapAsync),
  count: queryCase(count(onCommit())),
  'windowed-count-100ms': queryCase(windowedCount(onCommit())),
  'windowed-count-scraped': scrapedCase(windowedCount(onCommit())),
  'windowed-count-1s': queryCase(windowedCount(onCommit()), '1s'),
  'windowed-count-on-update': queryCase(windowedCount(onUpdate())),
  sessions: queryCase(sessions(onCommit())),
  sliding: queryCase(slidingCount(onCommit())),
  'stream-table-join': queryCase(streamTableJoin),
  // As many records of each of the two streams.
  'stream-stream-join': { ...queryCase(streamStreamJoin), records: 500_000 },
  deduplicate: queryCase(deduplicate),
  'foreign-key-join': { ...queryCase(foreignKeyJoin), records: 300_000 },
  restore: { records: 1_000_000, measure: measureRestore },
};
