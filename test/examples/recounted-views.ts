import { pageViewAt } from '../../examples/view-counts/page-view-generator.ts';
import { partitionOf } from '../../examples/program/partition-of.ts';
import type { WrittenWindow } from './demo-run.ts';

const partitions = 4;

export interface GeneratedViews {
  readonly seed: number;
  readonly records: number;
  readonly windowMs: number;
  readonly graceMs: number;
}

/** Counts by window and page, and how many views came too late for their partition's time. */
export function recount({ seed, records, windowMs, graceMs }: GeneratedViews) {
  const rows = Array.from({ length: records }, (_, index) => pageViewAt(seed, index));
  const counts = new Map<string, number>();
  let late = 0;
  for (let partition = 0; partition < partitions; partition += 1) {
    let streamTime = -1;
    for (const { key, timestamp } of rows) {
      // A broken row has no page, and no say in what time it is.
      if (key === null || partitionOf(key, partitions) !== partition) continue;
      streamTime = Math.max(streamTime, timestamp);
      const start = Math.floor(timestamp / windowMs) * windowMs;
      if (start + windowMs + graceMs <= streamTime) late += 1;
      else counts.set(`${start} ${key}`, (counts.get(`${start} ${key}`) ?? 0) + 1);
    }
  }
  return { counts, late, broken: rows.filter(({ key }) => key === null).length };
}

/** As `recount` names them. A window written twice shows in the number of windows alone. */
export function countsOf(windows: readonly WrittenWindow[]): ReadonlyMap<string, number> {
  return new Map(windows.map(({ windowStart, key, count }) => [`${windowStart} ${key}`, count]));
}
