import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** The syntax tree of a source file. */
export function parsed(root: string, path: string): ts.SourceFile {
  const text = readFileSync(join(root, path), 'utf8');
  return ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
}
