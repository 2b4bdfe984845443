import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { commentsOf } from '../tidy/comments.ts';
import { lineAt } from '../tidy/project.ts';

/** One fenced `ts` block of a docstring or of a page. */
export interface Example {
  /** Path below the root. */
  readonly path: string;
  /** Line of its first line of code, from 1. */
  readonly line: number;
  readonly code: string;
  /** `no-run`: it needs what a test does not have, so it is only type-checked. */
  readonly isRun: boolean;
}

const fence = /^```(\S*)(.*)$/;

/** The `ts` blocks of Markdown text whose first line is line `firstLine` of a file. */
export function examplesOf(path: string, text: string, firstLine = 1): readonly Example[] {
  const examples: Example[] = [];
  let open: { line: number; info: string; lines: string[] } | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const match = fence.exec(line.trimStart());
    if (match === null) {
      open?.lines.push(line);
    } else if (open === undefined) {
      open = { line: firstLine + index + 1, info: line.trim().slice(3).trim(), lines: [] };
    } else {
      const [language, ...flags] = open.info.split(' ');
      const example = { path, line: open.line, code: open.lines.join('\n') };
      if (language === 'ts') examples.push({ ...example, isRun: !flags.includes('no-run') });
      open = undefined;
    }
  }
  if (open !== undefined) throw new Error(`${path}:${open.line}: the fenced block has no end`);
  return examples;
}

/** The `ts` blocks of the docstrings of a TypeScript file. */
export function docstringExamples(path: string, text: string): readonly Example[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  return commentsOf(source).flatMap(({ pos, end }) => {
    const comment = text.slice(pos, end);
    if (!comment.startsWith('/**')) return [];
    return examplesOf(path, withoutStars(comment), lineAt(source, pos));
  });
}

function withoutStars(comment: string): string {
  return comment
    .slice(3, -2)
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join('\n');
}

/** All examples of the sources and the pages below a root. */
export function allExamples(root: string): readonly Example[] {
  const files = (folder: string, end: string): string[] =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith(end))
      .map((name) => relative(root, join(root, folder, name)))
      .sort();
  const read = (path: string): string => readFileSync(join(root, path), 'utf8');
  return [
    ...['README.md', ...files('docs', '.md')].flatMap((path) => examplesOf(path, read(path))),
    ...files('src', '.ts').flatMap((path) => docstringExamples(path, read(path))),
  ];
}
