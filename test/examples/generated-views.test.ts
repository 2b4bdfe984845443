import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { newFolder, readWindows, removeFolders, runHere } from './demo-run.ts';
import { countsOf, recount } from './recounted-views.ts';

const views = { seed: 3, records: 20_000, windowMs: 30_000, graceMs: 2_000 };
const { seed, records, windowMs, graceMs } = views;

afterAll(removeFolders);

it.each([1, 2])('generated views are counted as a recount does, by %i workers', async (workers) => {
  const folder = newFolder();
  const json = join(folder, 'windows.jsonl');
  const output = await runHere(
    [
      `--records ${records} --seed ${seed} --window ${windowMs} --grace ${graceMs} --exit`,
      `--workers ${workers} --dir ${join(folder, 'data')} --json ${json}`,
    ].flatMap((part) => part.split(' ')),
  );
  const { counts, late, broken } = recount(views);
  const windows = readWindows(json);
  expect(countsOf(windows)).toEqual(counts);
  expect(windows).toHaveLength(counts.size);
  const last = output.split('\n').findLast((line) => line.includes('windows closed'));
  expect(late).toBeGreaterThan(0);
  expect(last).toContain(`late ${late}`);
  expect(last).toContain(`deserialization ${broken}`);
});
