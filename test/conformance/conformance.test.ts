import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { levelDriver } from '../support/level-driver.ts';
import { readCases } from './case-file.ts';
import { runCase } from './run-case.ts';
import { Tally } from './tally.ts';

const folder = fileURLToPath(new URL('../../../shared/oracle', import.meta.url));
const isThere = existsSync(folder);
if (!isThere) process.stderr.write(`SKIPPED: no recorded answers at ${folder}\n`);

const files = isThere
  ? readdirSync(folder).filter((file) => /\.jsonl(\.gz)?$/.test(file))
  : ['(none)'];

/** `npm run conformance` runs them all. */
const everyNth = 10;

describe.skipIf(!isThere)('recorded answers, on memory', () => {
  for (const file of files) {
    it(`${file}: every tenth case agrees in every run mode`, async () => {
      const tally = new Tally();
      const cases = readCases(join(folder, file)).filter((_, index) => index % everyNth === 0);
      for (const given of cases) tally.add(given.id, await runCase(given));
      expect(tally.failed.slice(0, 5)).toEqual([]);
      expect(tally.skipped).toBe(0);
    });
  }
});

describe.skipIf(!isThere)('the vectors, on LevelDB', () => {
  it('every vector agrees in every run mode', async () => {
    const tally = new Tally();
    for (const given of readCases(join(folder, 'vectors.jsonl'))) {
      tally.add(given.id, await runCase(given, levelDriver));
    }
    expect(tally.failed).toEqual([]);
    expect(tally.skipped).toBe(0);
  });
});
