import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import ts from 'typescript';
import { type Project, lineOf } from '../project.ts';

/** An import or re-export of another file. */
export interface ImportEdge {
  readonly from: string;
  /** A path of the project, or the name of a package. */
  readonly to: string;
  readonly specifier: string;
  readonly line: number;
  /** Erased by the compiler: nothing is loaded. */
  readonly isTypeOnly: boolean;
}

export function importsOf(project: Project): readonly ImportEdge[] {
  return [...project.sources].flatMap(([from, source]) => importsOfFile(from, source));
}

function importsOfFile(from: string, source: ts.SourceFile): ImportEdge[] {
  const edges: ImportEdge[] = [];
  const add = (node: ts.Node, specifier: ts.Expression | undefined, isTypeOnly: boolean): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    const { text } = specifier;
    const to = text.startsWith('.') ? posix.join(posix.dirname(from), text) : text;
    edges.push({ from, to, specifier: text, line: lineOf(node), isTypeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier, isTypeImport(node));
    if (ts.isExportDeclaration(node)) add(node, node.moduleSpecifier, isTypeExport(node));
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node, node.arguments[0], false);
    }
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node, node.argument.literal, true);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return edges;
}

function isTypeImport({ importClause }: ts.ImportDeclaration): boolean {
  if (importClause === undefined) return false;
  if (importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const bindings = importClause.namedBindings;
  if (importClause.name !== undefined || bindings === undefined) return false;
  return ts.isNamedImports(bindings) && bindings.elements.every((element) => element.isTypeOnly);
}

function isTypeExport({ isTypeOnly, exportClause }: ts.ExportDeclaration): boolean {
  if (isTypeOnly) return true;
  if (exportClause === undefined || !ts.isNamedExports(exportClause)) return false;
  return exportClause.elements.every((element) => element.isTypeOnly);
}

export function isOutside({ specifier }: ImportEdge): boolean {
  return !specifier.startsWith('.');
}

/** `a/b` of `a/b/c`, `@a/b` of `@a/b/c`; built-ins with their prefix. */
export function packageOf(specifier: string): string {
  if (isBuiltin(specifier)) return specifier.startsWith('node:') ? specifier : `node:${specifier}`;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
