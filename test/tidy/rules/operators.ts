import ts from 'typescript';
import { type Rule, below, isReference, nodeRule } from '../project.ts';

const use = 'process is synchronous: ask with `context.scan`, or compose with `mapAsync`';

export const syncOperators: Rule = nodeRule({
  name: 'sync-operators',
  appliesTo: (path) => path.startsWith('src/operators/') && path !== 'src/operators/map-async.ts',
  judge(node) {
    if (ts.isAwaitExpression(node)) return `no await: ${use}`;
    if (node.kind === ts.SyntaxKind.AsyncKeyword) return `no async: ${use}`;
    if (ts.isForOfStatement(node) && node.awaitModifier) return `no for await: ${use}`;
    if (!ts.isIdentifier(node) || !['Promise', 'PromiseLike'].includes(node.text)) return undefined;
    const isType = ts.isTypeReferenceNode(node.parent);
    return isType || isReference(node) ? `no ${node.text}: ${use}` : undefined;
  },
  bad: {
    'an async function': { 'src/operators/a.ts': 'export async function a() {}' },
    'an async arrow': { 'src/operators/internal/a.ts': 'export const a = async () => 1;' },
    'await at the top': { 'src/operators/a.ts': 'await b();' },
    'a promise as a type': { 'src/operators/a.ts': 'export type A = () => Promise<void>;' },
    'a promise made': { 'src/operators/a.ts': 'export const a = Promise.resolve(1);' },
  },
  good: {
    'the one asynchronous operator': {
      'src/operators/map-async.ts': 'export async function a() {}',
    },
    'the state below': { 'src/state/a.ts': 'export async function a() {}' },
  },
});

export const encodedKeys: Rule = nodeRule({
  name: 'encoded-keys',
  appliesTo: below('src/operators', 'src/state'),
  judge: (node) =>
    ts.isPropertyAccessExpression(node) && node.getText() === 'JSON.stringify'
      ? 'a key is its encoded form: use the serde, its `identity` or the key codec'
      : undefined,
  bad: {
    'a key as text': { 'src/operators/a.ts': 'const id = JSON.stringify(key);' },
    'passed on': { 'src/state/a.ts': 'const f = keys.map(JSON.stringify);' },
  },
  good: { 'the JSON serde': { 'src/core/serde/json.ts': 'const t = JSON.stringify(value);' } },
});
