import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { pageViewAt } from '../../examples/view-counts/page-view-generator.ts';
import { partitionOf } from '../../examples/view-counts/partition-of.ts';
import { newFolder, readWindows, removeFolders, runHere } from './demo-run.ts';

const partitions = 4;
const windowMs = 30_000;
const graceMs = 2_000;
const records = 20_000;
const seed = 3;

afterAll(removeFolders);

/** Counts by window and page, and how many views came too late for their partition's time. */
function recount() {
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

it.each([1, 2])('generated views are counted as a recount does, by %i workers', async (workers) => {
  const folder = newFolder();
  const json = join(folder, 'windows.jsonl');
  const output = await runHere(
    [
      `--records ${records} --seed ${seed} --window ${windowMs} --grace ${graceMs} --exit`,
      `--workers ${workers} --dir ${join(folder, 'data')} --json ${json}`,
    ].flatMap((part) => part.split(' ')),
  );
  const { counts, late, broken } = recount();
  const windows = readWindows(json);
  const counted = windows.map((one) => [`${one.windowStart} ${one.key}`, one.count] as const);
  expect(new Map(counted)).toEqual(counts);
  expect(windows).toHaveLength(counts.size);
  const last = output.split('\n').findLast((line) => line.includes('windows closed'));
  expect(late).toBeGreaterThan(0);
  expect(last).toContain(`late ${late}`);
  expect(last).toContain(`deserialization ${broken}`);
});
