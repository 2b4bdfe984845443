import { onCommit, onUpdate } from '../src/index.ts';
import type { Measurement } from './measure/measurement.ts';
import { measureQuery } from './measure/measure-query.ts';
import { measureRestore } from './measure/measure-restore.ts';
import { count } from './queries/count.ts';
import { filterMap } from './queries/filter-map.ts';
import { mapAsync } from './queries/map-async.ts';
import { passThrough } from './queries/pass-through.ts';
import type { Query } from './queries/query.ts';
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

export const cases: Readonly<Record<string, BenchCase>> = {
  'pass-through': queryCase(passThrough),
  'filter-map': queryCase(filterMap),
  'map-async': queryCase(mapAsync),
  count: queryCase(count(onCommit())),
  'windowed-count-100ms': queryCase(windowedCount(onCommit())),
  'windowed-count-1s': queryCase(windowedCount(onCommit()), '1s'),
  'windowed-count-on-update': queryCase(windowedCount(onUpdate())),
  'stream-table-join': queryCase(streamTableJoin),
  restore: { records: 1_000_000, measure: measureRestore },
};
