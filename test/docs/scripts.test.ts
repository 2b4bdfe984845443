import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { docstringOf } from '../../scripts/pages/docstring.ts';

describe('a docstring', () => {
  const docstring = (text: string) => {
    const source = ts.createSourceFile('a.ts', text, ts.ScriptTarget.ES2023, true);
    const [statement] = source.statements;
    return statement && docstringOf(statement);
  };

  it('is a definition and its heads, each joined to one line', () => {
    const text =
      '/**\n * Counts\n * records.\n *\n * Emits: the new\n * count.\n * State: one number.\n *\n' +
      ' * @example\n * ```ts\n * f();\n * ```\n */\nfunction count() {}';
    expect(docstring(text)).toEqual({
      definition: 'Counts records.',
      heads: [
        ['Emits', 'the new count.'],
        ['State', 'one number.'],
      ],
    });
  });

  it('keeps what only looks like a head', () => {
    expect(docstring('/** Note: this. */\nfunction count() {}')).toEqual({
      definition: 'Note: this.',
      heads: [],
    });
  });

  it('may be missing', () => {
    expect(docstring('function count() {}')).toBeUndefined();
  });
});

describe('the count of tests', () => {
  const count = (report: object | null, status: number): string => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-count-'));
    const file = join(folder, 'tests.json');
    if (report !== null) writeFileSync(file, JSON.stringify(report));
    const output = execFileSync('node', ['scripts/count-tests.mjs', file, String(status)]);
    rmSync(folder, { recursive: true });
    return output.toString().trim();
  };
  const passing = { numPassedTests: 3, numFailedTests: 0, testResults: [] };

  it('is that of the report', () => {
    expect(count(passing, 0)).toBe('3 0');
    expect(count({ ...passing, numFailedTests: 2 }, 1)).toBe('3 2');
  });

  it('has a failure for a file that cannot be loaded', () => {
    const testResults = [{ status: 'failed', assertionResults: [] }];
    expect(count({ ...passing, testResults }, 1)).toBe('3 1');
  });

  it('has a failure for a run that was cut short, or left no report', () => {
    expect(count(passing, 124)).toBe('3 1');
    expect(count(null, 0)).toBe('0 1');
  });
});
