import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { type Docstring, docstringOf } from './docstring.ts';
import { parametersOf } from './parameters.ts';
import { parsed } from './parsed.ts';

const folder = 'src/operators';

/** The handles of the DSL in the order of the page; others follow by name. */
const order = [
  'TopologyBuilder',
  'KStream',
  'KGroupedStream',
  'TimeWindowedKStream',
  'SessionWindowedKStream',
  'CogroupedKStream',
  'TimeWindowedCogroupedKStream',
  'SessionWindowedCogroupedKStream',
  'KTable',
  'KGroupedTable',
] as const;

export interface Method {
  readonly name: string;
  /** Where it is implemented: more than one file where its overloads are different operators. */
  readonly paths: readonly string[];
  readonly parameters: string;
  readonly docstring: Docstring | undefined;
}

export interface HandleClass {
  readonly name: string;
  readonly docstring: Docstring | undefined;
  readonly methods: readonly Method[];
}

/** The public classes of the DSL with their public methods. */
export function handlesOf(root: string): readonly HandleClass[] {
  const files = readdirSync(join(root, folder)).filter((name) => name.endsWith('.ts'));
  const handles = files.sort().flatMap((name) => classesOf(root, `${folder}/${name}`));
  const place = ({ name }: HandleClass): number => {
    const index = order.findIndex((known) => known === name);
    return index < 0 ? order.length : index;
  };
  return handles.sort((a, b) => place(a) - place(b));
}

function classesOf(root: string, path: string): readonly HandleClass[] {
  return parsed(root, path)
    .statements.filter(ts.isClassDeclaration)
    .flatMap((node) => {
      const name = node.name?.text;
      if (name === undefined || !isPublic(node)) return [];
      return [{ name, docstring: docstringOf(node), methods: methodsOf(node, path) }];
    });
}

/** An overload with words of its own is a method; the others belong to the one before. */
function methodsOf(node: ts.ClassDeclaration, path: string): readonly Method[] {
  const methods: ts.MethodDeclaration[][] = [];
  for (const member of node.members.filter(ts.isMethodDeclaration)) {
    if (!isPublic(member)) continue;
    const isOverload = methods.at(-1)?.[0]?.name.getText() === member.name.getText();
    const isOwn = (docstringOf(member)?.definition ?? '') !== '';
    if (isOverload && !isOwn) methods.at(-1)?.push(member);
    else methods.push([member]);
  }
  return methods.flatMap((overloads) => {
    const [first] = overloads;
    if (first === undefined) return [];
    return {
      name: first.name.getText(),
      paths: operatorFiles(overloads, path),
      parameters: parametersOf(first),
      docstring: docstringOf(first),
    };
  });
}

/** Exported, and neither private nor marked as internal. */
function isPublic(node: ts.ClassDeclaration | ts.MethodDeclaration): boolean {
  const kinds = (ts.getModifiers(node) ?? []).map(({ kind }) => kind);
  if (ts.isClassDeclaration(node) && !kinds.includes(ts.SyntaxKind.ExportKeyword)) return false;
  if (kinds.includes(ts.SyntaxKind.PrivateKeyword) || ts.isPrivateIdentifier(node.name ?? node)) {
    return false;
  }
  return ts.getJSDocTags(node).every(({ tagName }) => tagName.text !== 'internal');
}

/**
 * The files of the operators that a method delegates to: of those it calls; else of those whose
 * options its overloads take; else the handle's own.
 */
function operatorFiles(
  overloads: readonly ts.MethodDeclaration[],
  path: string,
): readonly string[] {
  const named: { readonly called: string[]; readonly typed: string[] } = { called: [], typed: [] };
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
      named.called.push(node.expression.text);
    }
    if (ts.isTypeReferenceNode(node)) named.typed.push(node.typeName.getText());
    ts.forEachChild(node, visit);
  };
  overloads.forEach(visit);
  const [first] = overloads;
  const files = first === undefined ? new Map<string, string>() : imported(first.getSourceFile());
  const [called, typed] = [named.called, named.typed].map((names) => [
    ...new Set(names.flatMap((name) => files.get(name) ?? [])),
  ]);
  if (called?.[0] !== undefined) return [called[0]];
  return typed === undefined || typed.length === 0 ? [path] : typed;
}

/** What a handle imports from the files of operators, by name. */
function imported(source: ts.SourceFile): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const node of source.statements.filter(ts.isImportDeclaration)) {
    const bindings = node.importClause?.namedBindings;
    const file = ts.isStringLiteral(node.moduleSpecifier) ? node.moduleSpecifier.text : '';
    const isOperator = /^\.\/[^/]+$/.test(file) && !/k-(grouped-)?(stream|table)\.ts$/.test(file);
    if (bindings === undefined || !ts.isNamedImports(bindings) || !isOperator) continue;
    for (const { name } of bindings.elements) files.set(name.text, file.replace('.', folder));
  }
  return files;
}
