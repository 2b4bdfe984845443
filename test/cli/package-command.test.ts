import { readFileSync, statSync } from 'node:fs';
import { expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
  bin: Readonly<Record<string, string>>;
}; // the manifest of this package

it('the command of the package is there before anything is built, so that npx finds it in a clone', () => {
  const { mode } = statSync(new URL(manifest.bin['millrace'] ?? 'none', root));
  expect(mode & 0o111).toBe(0o111);
});
