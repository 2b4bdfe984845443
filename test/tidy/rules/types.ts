import ts from 'typescript';
import { commentsOf } from '../comments.ts';
import { type Rule, lineOf, nodeRule } from '../project.ts';

export const noAny: Rule = nodeRule({
  name: 'no-any',
  appliesTo: () => true,
  judge: (node) =>
    node.kind === ts.SyntaxKind.AnyKeyword
      ? 'use unknown, a type parameter or the type'
      : undefined,
  bad: {
    'a parameter': { 'src/state/a.ts': 'export const f = (x: any) => 1;' },
    'a type argument': { 'test/a.test.ts': 'const m = new Map<string, any>();' },
    'an assertion': { 'bench/a.ts': 'const a = b as any;' },
  },
  good: { unknown: { 'src/state/a.ts': 'export const any = (x: unknown) => x;' } },
});

export const asReason: Rule = nodeRule({
  name: 'as-reason',
  appliesTo: (path) => path.startsWith('src/'),
  judge(node) {
    if (!ts.isAsExpression(node) && !ts.isTypeAssertionExpression(node)) return undefined;
    if (ts.isConstTypeReference(node.type) || hasLineComment(node.type)) return undefined;
    return `'as ${node.type.getText()}' needs its reason on the line: \`as T // why\``;
  },
  bad: {
    'no reason': { 'src/state/a.ts': 'export const a = b as string;' },
    'a reason elsewhere': { 'src/state/a.ts': '// It is.\nexport const a = b as string;' },
    'slashes in a string': { 'src/state/a.ts': "export const a = f('// no') as string;" },
    'through unknown': { 'src/state/a.ts': 'export const a = b as unknown as string;' },
  },
  good: {
    'with its reason': { 'src/state/a.ts': 'export const a = b as string; // the pattern has it' },
    constant: { 'src/state/a.ts': 'export const a = [1] as const;' },
    'a test': { 'test/a.test.ts': 'const a = b as string;' },
  },
});

/** Whether a comment stands on the line on which a node ends. */
function hasLineComment(node: ts.Node): boolean {
  const source = node.getSourceFile();
  const line = source.getLineAndCharacterOfPosition(node.getEnd()).line;
  const lineEnd = source.getLineEndOfPosition(node.getEnd());
  const lineStart = source.getPositionOfLineAndCharacter(line, 0);
  return commentsOf(source).some(({ pos }) => pos >= lineStart && pos < lineEnd);
}

export const noEnum: Rule = nodeRule({
  name: 'no-enum',
  appliesTo: () => true,
  judge(node) {
    if (ts.isEnumDeclaration(node)) return 'use a union of kebab-case strings';
    const isNamespace = ts.isModuleDeclaration(node) && ts.isIdentifier(node.name);
    return isNamespace && node.name.text !== 'global' ? 'use a file: it is a module' : undefined;
  },
  bad: {
    'an enum': { 'src/state/a.ts': 'export enum A { B }' },
    'a namespace': { 'src/state/a.ts': 'export namespace A { export const b = 1; }' },
  },
  good: { 'a union': { 'src/state/a.ts': "export type A = 'b' | 'c';" } },
});

/** Base classes of the language; they are no level of ours. */
export const extendsDepth: Rule = {
  name: 'extends-depth',
  check({ sources }) {
    const classes: ts.ClassLikeDeclaration[] = [];
    const collect = (node: ts.Node): void => {
      if (ts.isClassLike(node)) classes.push(node);
      ts.forEachChild(node, collect);
    };
    for (const [path, source] of sources) if (path.startsWith('src/')) collect(source);
    const byName = new Map(classes.map((one) => [one.name?.text, one]));
    return classes.flatMap((one) => {
      const base = byName.get(baseName(one));
      if (base === undefined || !byName.has(baseName(base))) return [];
      const message = `${one.name?.text} is two levels deep: compose, or pass a function in`;
      return [{ path: one.getSourceFile().fileName, line: lineOf(one), message }];
    });
  },
  bad: {
    'two levels': {
      'src/state/a.ts': 'class A {} class B extends A {} class C extends B {}',
    },
    'two levels in two files': {
      'src/state/a.ts': 'export class B extends A {} export class A {}',
      'src/state/b.ts': "import { B } from './a.ts'; export class C extends B {}",
    },
  },
  good: {
    'one level below a built-in': {
      'src/state/a.ts': 'class A extends Error {} class B extends A {}',
    },
  },
};

function baseName(one: ts.ClassLikeDeclaration): string {
  const clause = one.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword);
  return clause?.types[0]?.expression.getText() ?? '';
}
