import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** The names that may be used without an import, each with the file that exports it. */
export type PublicNames = ReadonlyMap<string, { readonly path: string; readonly isType: boolean }>;

/** The entry points as a user imports them, with the file behind each. */
export function entryPoints(root: string): ReadonlyMap<string, string> {
  const text = readFileSync(join(root, 'package.json'), 'utf8');
  const { exports } = JSON.parse(text) as { exports: Record<string, unknown> }; // a package's own
  const modules = Object.keys(exports).filter((subpath) => !subpath.endsWith('.json'));
  const file = (subpath: string) =>
    subpath === '.' ? 'src/index.ts' : `src/${subpath.slice(2)}.ts`;
  return new Map(modules.map((subpath) => [join('millrace', subpath), file(subpath)]));
}

/** What a file exports, read from its text: names stand there by hand. */
export function namesOf(root: string, path: string): PublicNames {
  const text = readFileSync(join(root, path), 'utf8');
  const names = new Map<string, { path: string; isType: boolean }>();
  for (const node of ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true).statements) {
    if (ts.isExportDeclaration(node) && node.exportClause && ts.isNamedExports(node.exportClause)) {
      for (const { name, isTypeOnly } of node.exportClause.elements) {
        names.set(name.text, { path, isType: isTypeOnly || node.isTypeOnly });
      }
    } else if (isExported(node)) {
      const isType = ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);
      for (const name of declaredNames(node)) names.set(name, { path, isType });
    }
  }
  return names;
}

function isExported(node: ts.Statement): boolean {
  const modifiers = ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : [];
  return modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
}

function declaredNames(node: ts.Statement): readonly string[] {
  if (ts.isVariableStatement(node)) {
    return node.declarationList.declarations.map(({ name }) => name.getText());
  }
  const isNamed =
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node);
  return isNamed && node.name !== undefined ? [node.name.text] : [];
}
