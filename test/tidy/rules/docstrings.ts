import ts from 'typescript';
import { docstringOf } from '../../../scripts/pages/docstring.ts';
import { type Rule, nodeRule } from '../project.ts';

const isHandle = (path: string): boolean =>
  /^src\/operators\/(?:topology-builder|(?:[a-z]+-)*k-[a-z-]+)\.ts$/.test(path);

/** The methods that own state, and what their docstrings must say of it. */
const stateful = ['count', 'countDistinct', 'reduce', 'aggregate', 'topN', 'table', 'toTable'];
const heads = ['Emits', 'State', 'Drops'];

export const docstrings: Rule = nodeRule({
  name: 'docstrings',
  appliesTo: isHandle,
  judge(node) {
    if (!ts.isMethodDeclaration(node) || !isFirst(node)) return undefined;
    const tags = ts.getJSDocTags(node).map(({ tagName }) => tagName.text);
    const modifiers = (ts.getModifiers(node) ?? []).map(({ kind }) => kind);
    if (tags.includes('internal') || modifiers.includes(ts.SyntaxKind.PrivateKeyword)) {
      return undefined;
    }
    const name = node.name.getText();
    const docstring = docstringOf(node);
    if (docstring === undefined) return `'${name}' needs a docstring: its definition in a sentence`;
    if (!stateful.includes(name)) return undefined;
    const found = docstring.heads.map(([head]) => head);
    const missing = heads.filter((head) => !found.includes(head)).map((head) => `${head}:`);
    if (!tags.includes('example')) missing.push('@example');
    return missing.length > 0
      ? `'${name}' owns state; its docstring lacks ${missing.join(', ')}`
      : undefined;
  },
  bad: {
    'no docstring': { 'src/operators/k-stream.ts': 'class A { filter() {} }' },
    'no heads': {
      'src/operators/k-grouped-stream.ts': 'class A {\n/** Counts. @example f(); */\ncount() {} }',
    },
    'no example': {
      'src/operators/k-grouped-stream.ts':
        'class A {\n/**\n * Counts.\n *\n * Emits: a.\n * State: b.\n * Drops: c.\n */\ncount() {} }',
    },
  },
  good: {
    complete: {
      'src/operators/k-grouped-stream.ts':
        'class A {\n/**\n * Counts.\n *\n * Emits: a.\n * State: b.\n * Drops: c.\n *\n * @example f();\n */\ncount() {} }',
    },
    'the first overload speaks for all': {
      'src/operators/k-stream.ts': 'class A {\n/** Keeps. */\nf(): void;\nf(a?: A): void {} }',
    },
  },
});

/** Of overloads the first speaks for all. */
function isFirst({ parent, name, pos }: ts.MethodDeclaration): boolean {
  if (!ts.isClassLike(parent)) return false;
  const same = parent.members.filter((one) => one.name?.getText() === name.getText());
  return same[0]?.pos === pos;
}
