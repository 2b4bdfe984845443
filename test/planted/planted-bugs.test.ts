import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { plantedBugs } from './planted-bugs.ts';

const root = join(import.meta.dirname, '..', '..');

// `npm run planted` plants them.
it.each(plantedBugs)('there is a place for: $name', async ({ file, from, to }) => {
  const source = await readFile(join(root, file), 'utf8');
  expect(source.split(from)).toHaveLength(2);
  expect(to).not.toBe(from);
});
