import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generatedPages } from '../scripts/pages/generated-pages.ts';
import { buildExamples } from './docs/build.ts';
import { docstringExamples, examplesOf } from './docs/examples.ts';
import { moduleText } from './docs/module-text.ts';

const root = new URL('..', import.meta.url).pathname.replace(/\/$/, '');
const names = new Map([
  ['durationMs', { path: 'src/a.ts', isType: false }],
  ['Duration', { path: 'src/a.ts', isType: true }],
  ['count', { path: 'src/a.ts', isType: false }],
]);
const context = { names, entryPoints: new Map([['millrace', 'src/index.ts']]), toRoot: '../..' };
const example = (code: string) => ({ path: 'a.md', line: 7, code, isRun: true });
const lines = (code: string) => moduleText(example(code), context).split('\n');

describe('the examples of pages and docstrings', () => {
  const examples = buildExamples(root);
  const rows = examples.map((one) => ({ ...one, title: `${one.path}:${one.line}` }));

  it.each(rows)('$title compiles', ({ problems }) => {
    expect(problems).toEqual([]);
  });

  it.each(rows.filter(({ isRun }) => isRun))('$title gives what it says', async ({ module }) => {
    await import(/* @vite-ignore */ module);
  });
});

it.each([...(await generatedPages(root))])('%s is as `npm run docs` writes it', (path, text) => {
  const file = join(root, path);
  expect(existsSync(file) ? readFileSync(file, 'utf8') : 'no such file').toBe(text);
});

describe('an example', () => {
  it('is a fenced block of language ts, with the line of its first line of code', () => {
    const page = '# A\n```ts\nf();\n```\n```text\nx\n```\n```ts no-run\ng();\n```\n';
    expect(examplesOf('a.md', page)).toEqual([
      { path: 'a.md', line: 3, code: 'f();', isRun: true },
      { path: 'a.md', line: 9, code: 'g();', isRun: false },
    ]);
  });

  it('is found in docstrings, and nowhere else in a source', () => {
    const source = [
      'const a = `/** ${`${1}`} ```ts */`;',
      '/**',
      ' * A.',
      ' * ```ts',
      ' * f();',
      ' *   g();',
      ' * ```',
      ' */',
      '// ```ts',
    ];
    expect(docstringExamples('a.ts', source.join('\n'))).toEqual([
      { path: 'a.ts', line: 5, code: 'f();\n  g();', isRun: true },
    ]);
  });

  it('gets the public names it uses and does not declare', () => {
    const text = 'const count = 1;\nconst d: Duration = durationMs(count);\nx.count;';
    expect(lines(text)[0]).toBe(
      "import { expect as __expect } from 'vitest';" +
        " import { durationMs } from '../../src/a.ts'; import { type Duration } from '../../src/a.ts';",
    );
  });

  it('may import what it uses, by the names of the entry points', () => {
    const text = "import { durationMs } from 'millrace';\ndurationMs(1);";
    expect(lines(text).slice(0, 2)).toEqual([
      "import { expect as __expect } from 'vitest';",
      "import { durationMs } from '../../src/index.ts';",
    ]);
  });

  it('asserts what stands behind an arrow, on the line or below', () => {
    const text = 'f(1); // => [1]\nf(2);\n// => [1,\n//    2]\n';
    expect(lines(text).slice(1, 3)).toEqual([
      "__expect((f(1)), 'a.md:7').toEqual([1]); // => [1]",
      "__expect((f(2)), 'a.md:8').toEqual([1,     2]);",
    ]);
  });

  it('whose arrow follows no expression is refused', () => {
    expect(() => lines('const a = 1; // => 1')).toThrow("a.md:7: '// =>' follows no expression");
  });

  it('without an end is refused', () => {
    expect(() => examplesOf('a.md', '```ts\nf();')).toThrow('a.md:2: the fenced block has no end');
  });
});
