import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { deadLinks } from './links.ts';

const root = new URL('../..', import.meta.url).pathname.replace(/\/$/, '');
const pages = ['.', 'docs'].flatMap((folder) => {
  const names = readdirSync(join(root, folder)).filter((name) => name.endsWith('.md'));
  return names.map((name) => join(folder, name));
});

it.each(pages)('every link of %s leads somewhere', (page) => {
  expect(deadLinks(root, page)).toEqual([]);
});

it('a package has the pages that its README and its errors name', () => {
  const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly files: readonly string[]; // what npm packs
  };
  expect(files).toContain('docs');
});

it('a link is dead without its file, and without its heading', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-links-'));
  const links = ['[a](a.md#all-of-it)', '[b](#what)', '[c](b.md)', '[d](https://example.org)'];
  const fenced = '```md\n# What\n[e](c.md)\n```\n';
  writeFileSync(join(folder, 'a.md'), `# \`All\` of it!\n${links.join('\n')}\n${fenced}`);
  expect(deadLinks(folder, 'a.md')).toEqual(['#what', 'b.md']);
  rmSync(folder, { recursive: true });
});
