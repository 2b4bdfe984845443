import ts from 'typescript';
import type { Example } from './examples.ts';
import type { PublicNames } from './public-names.ts';

export interface ModuleContext {
  readonly names: PublicNames;
  /** Specifier of a package's entry point to a file below the root. */
  readonly entryPoints: ReadonlyMap<string, string>;
  /** From the module to the root, as `../..`. */
  readonly toRoot: string;
}

/**
 * The example as a module: public names imported where it does not import them itself, and each
 * `expression; // => value` an assertion. Lines keep their numbers, one line of imports before.
 */
export function moduleText(example: Example, context: ModuleContext): string {
  const { code } = example;
  const source = ts.createSourceFile('example.ts', code, ts.ScriptTarget.ES2023, true);
  const edits = [...importEdits(source, context), ...assertionEdits(source, example)];
  let text = code;
  for (const { from, to, by } of edits.sort((a, b) => b.from - a.from)) {
    text = text.slice(0, from) + by + text.slice(to);
  }
  return `${importLine(source, context)}\n${text}\nexport {};\n`;
}

interface Edit {
  readonly from: number;
  readonly to: number;
  readonly by: string;
}

function importEdits(source: ts.SourceFile, { entryPoints, toRoot }: ModuleContext): Edit[] {
  return source.statements.filter(ts.isImportDeclaration).flatMap(({ moduleSpecifier }) => {
    if (!ts.isStringLiteral(moduleSpecifier)) return [];
    const path = entryPoints.get(moduleSpecifier.text);
    if (path === undefined) return [];
    const from = moduleSpecifier.getStart();
    return [{ from, to: moduleSpecifier.end, by: `'${toRoot}/${path}'` }];
  });
}

function importLine(source: ts.SourceFile, { names, toRoot }: ModuleContext): string {
  const declared = new Set<string>();
  const used = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      const { parent } = node;
      const isDeclared = 'name' in parent && parent.name === node;
      const isProperty = ts.isPropertyAccessExpression(parent) && parent.name === node;
      const isField = ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent);
      if (isDeclared && !isProperty && !isField) declared.add(node.text);
      if (!isDeclared || ts.isShorthandPropertyAssignment(parent)) used.add(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  const imports = ["import { expect as __expect } from 'vitest';"];
  for (const [name, { path, isType }] of names) {
    if (!used.has(name) || (declared.has(name) && !isShorthandOnly(source, name))) continue;
    imports.push(`import { ${isType ? 'type ' : ''}${name} } from '${toRoot}/${path}';`);
  }
  return imports.join(' ');
}

function isShorthandOnly(source: ts.SourceFile, name: string): boolean {
  let isDeclared = false;
  const visit = (node: ts.Node): void => {
    const isName = ts.isIdentifier(node) && node.text === name && 'name' in node.parent;
    if (isName && node.parent.name === node) {
      const { parent } = node;
      isDeclared ||= !ts.isShorthandPropertyAssignment(parent) && !ts.isMethodDeclaration(parent);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return !isDeclared;
}

const arrow = /^\/\/ => ?/;

function assertionEdits(source: ts.SourceFile, { path, line }: Example): Edit[] {
  const { text } = source;
  const edits: Edit[] = [];
  const taken = new Set<number>();
  const visit = (node: ts.Node): void => {
    ts.forEachChild(node, visit);
    if (!ts.isExpressionStatement(node)) return;
    const value = expectedValue(text, node.end, taken);
    if (value === undefined) return;
    const { expression } = node;
    const place = `${path}:${line + source.getLineAndCharacterOfPosition(node.getStart()).line}`;
    edits.push({ from: expression.getStart(), to: expression.getStart(), by: '__expect((' });
    const by = `), '${place}').toEqual(${value})`;
    edits.push({ from: expression.end, to: expression.end, by });
  };
  visit(source);
  const lost = [...text.matchAll(/\/\/ =>/g)].filter(({ index }) => !taken.has(index));
  if (lost.length > 0) throw new Error(`${path}:${line}: '// =>' follows no expression statement`);
  return edits;
}

/** What stands behind `// =>`, on the line of the statement or below it, `//` lines going on. */
function expectedValue(text: string, end: number, taken: Set<number>): string | undefined {
  const trailing = ts.getTrailingCommentRanges(text, end) ?? [];
  const leading = ts.getLeadingCommentRanges(text, end) ?? [];
  const first = trailing.length > 0 ? trailing : leading;
  const [head] = first;
  if (head === undefined || !arrow.test(text.slice(head.pos, head.end))) return undefined;
  taken.add(head.pos);
  const rest = trailing.length > 0 ? leading : leading.slice(1);
  const parts = [text.slice(head.pos, head.end).replace(arrow, '')];
  let last = head.end;
  for (const { pos, end: partEnd } of rest) {
    const isNextLine = /^\r?\n[ \t]*$/.test(text.slice(last, pos));
    const part = text.slice(pos, partEnd);
    if (pos < last || !isNextLine || !part.startsWith('//   ')) continue;
    parts.push(part.slice(2));
    last = partEnd;
  }
  return parts.join(' ').trim();
}
