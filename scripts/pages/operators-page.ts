import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { type Docstring, docstringOf } from './docstring.ts';
import { parametersOf } from './parameters.ts';
import { readyAggregators } from './ready-aggregators.ts';

const folder = 'src/operators';

/** The handles of the DSL in the order of the page; others follow by name. */
const order = [
  'TopologyBuilder',
  'KStream',
  'KGroupedStream',
  'TimeWindowedKStream',
  'CogroupedKStream',
  'TimeWindowedCogroupedKStream',
  'KTable',
  'KGroupedTable',
] as const;

interface Method {
  readonly name: string;
  /** Where it is implemented. */
  readonly path: string;
  readonly parameters: string;
  readonly docstring: Docstring | undefined;
}

interface HandleClass {
  readonly name: string;
  readonly path: string;
  readonly docstring: Docstring | undefined;
  readonly methods: readonly Method[];
}

/** `docs/operators.md`: the methods of the DSL by their docstrings. */
export function operatorsPage(root: string): string {
  const handles = handlesOf(root);
  const lines = [
    '# Operators',
    '',
    'The methods of the DSL. What each computes in every case stands in `SEMANTICS.md`. This page is',
    'generated from the docstrings in `src/operators` by `npm run docs`.',
  ];
  for (const handle of handles) {
    lines.push('', `## ${handle.name}`, '', ...definition(handle.docstring));
    for (const method of handle.methods) {
      lines.push('', `### ${handle.name}.${method.name}(${method.parameters})`, '');
      lines.push(...definition(method.docstring));
      const heads = method.docstring?.heads ?? [];
      if (heads.length > 0) lines.push('');
      for (const [head, text] of heads) lines.push(`- **${head}:** ${text}`);
      lines.push('', `Source: \`${method.path}\``);
    }
  }
  lines.push('', ...readyAggregators(root));
  return `${lines.join('\n')}\n`;
}

function definition(docstring: Docstring | undefined): readonly string[] {
  return docstring === undefined ? [] : [docstring.definition];
}

function handlesOf(root: string): readonly HandleClass[] {
  const files = readdirSync(join(root, folder)).filter((name) => name.endsWith('.ts'));
  const handles = files.sort().flatMap((name) => classesOf(root, `${folder}/${name}`));
  const place = ({ name }: HandleClass): number => {
    const index = order.findIndex((known) => known === name);
    return index < 0 ? order.length : index;
  };
  return handles.sort((a, b) => place(a) - place(b));
}

function classesOf(root: string, path: string): readonly HandleClass[] {
  const text = readFileSync(join(root, path), 'utf8');
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  return source.statements.filter(ts.isClassDeclaration).flatMap((node) => {
    const name = node.name?.text;
    if (name === undefined || !isPublic(node)) return [];
    const methods = new Map<string, Method>();
    for (const member of node.members.filter(ts.isMethodDeclaration)) {
      const method = methodOf(member, path);
      // An overload with words of its own is a method of its own; else the first speaks for all.
      const isOwn = method.docstring !== undefined && method.docstring.definition !== '';
      const id = isOwn ? `${method.name}(${method.parameters})` : method.name;
      const isKnown = [...methods.values()].some(({ name: known }) => known === method.name);
      if (isPublic(member) && (isOwn || !isKnown)) methods.set(id, method);
    }
    const docstring = docstringOf(node);
    return [{ name, path, docstring, methods: [...methods.values()] }];
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

function methodOf(member: ts.MethodDeclaration, path: string): Method {
  return {
    name: member.name.getText(),
    path: operatorFile(member, path),
    parameters: parametersOf(member),
    docstring: docstringOf(member),
  };
}

/** The file of the operator that a method delegates to; the handle's own if there is none. */
function operatorFile(member: ts.MethodDeclaration, path: string): string {
  const files = new Map<string, string>();
  for (const node of member.getSourceFile().statements.filter(ts.isImportDeclaration)) {
    const bindings = node.importClause?.namedBindings;
    const file = ts.isStringLiteral(node.moduleSpecifier) ? node.moduleSpecifier.text : '';
    if (bindings === undefined || !ts.isNamedImports(bindings) || !/^\.\/[^/]+$/.test(file))
      continue;
    for (const { name } of bindings.elements) files.set(name.text, file.replace('.', folder));
  }
  const called: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
      called.push(node.expression.text);
    }
    ts.forEachChild(node, visit);
  };
  const members = ts.isClassLike(member.parent) ? member.parent.members : [];
  const overloads = members.filter((one) => one.name?.getText() === member.name.getText());
  for (const one of overloads) visit(one);
  const found = called.flatMap((name) => files.get(name) ?? []);
  // The implementation calls one operator for each overload, in their order.
  return found[overloads.indexOf(member)] ?? found[0] ?? path;
}
