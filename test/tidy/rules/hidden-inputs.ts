import ts from 'typescript';
import { type Rule, below, isReference, nodeRule, walk } from '../project.ts';

const timers = [
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearInterval',
  'clearImmediate',
  'queueMicrotask',
];

const replacements: Readonly<Record<string, string>> = {
  Date: 'the Clock that is passed in, or `context.streamTimeMs`',
  performance: '`clock.monotonicTimeMs()`',
  crypto: '`random.hex()`',
  process: 'an option of `run`, or the Runtime that is passed in',
  ...Object.fromEntries(timers.map((name) => [name, 'the Scheduler, or `context.schedule`'])),
};

const isDoor = below('src/core/runtime', 'src/cli');

export const hiddenInputs: Rule = nodeRule({
  name: 'hidden-inputs',
  appliesTo: (path) => path.startsWith('src/') && !isDoor(path),
  judge(node) {
    if (isMember(node, 'Math', 'random')) {
      return 'Math.random is a hidden input: use the RandomSource';
    }
    if (isMember(node, 'Atomics', 'wait')) return 'Atomics.wait blocks: use the Scheduler';
    if (ts.isImportSpecifier(node) && /^(?:random|getRandom|webcrypto)/.test(importedName(node))) {
      return `${importedName(node)} is a hidden input: use the RandomSource`;
    }
    const name = globalName(node);
    if (name === undefined) return undefined;
    const replacement = Object.hasOwn(replacements, name) ? replacements[name] : undefined;
    return replacement && `${name} is a hidden input: use ${replacement}`;
  },
  bad: {
    'the clock': { 'src/operators/a.ts': 'export const now = () => Date.now();' },
    'a new date': { 'src/core/task/a.ts': 'export const now = () => new Date();' },
    chance: { 'src/core/worker/a.ts': 'export const r = () => Math.random();' },
    'a timer': { 'src/core/log/embedded/a.ts': 'setTimeout(() => undefined, 5);' },
    'a timer by globalThis': { 'src/state/a.ts': 'globalThis.setImmediate(() => undefined);' },
    'the environment': { 'src/state/a.ts': 'export const dir = process.env.HOME;' },
    'elapsed time': { 'src/core/task/a.ts': 'export const t = () => performance.now();' },
    'random bytes': { 'src/core/task/a.ts': 'export const id = () => crypto.randomUUID();' },
    'random bytes by import': {
      'src/core/topology/a.ts': "import { randomUUID as id } from 'node:crypto';",
    },
  },
  good: {
    'the one door': { 'src/core/runtime/a.ts': 'export const now = () => Date.now();' },
    'a method called process': {
      'src/operators/a.ts': 'export const p = { process() {} }; p.process();',
    },
    'a function called process': {
      'src/operators/a.ts': 'export function a(process: () => void) { process(); }',
    },
    'a date as a type': { 'src/topologies/a.ts': 'export type A = Date | ReturnType<() => Date>;' },
  },
});

/** Tests of real processes and servers wait for conditions, `support/` holds the waiting. */
const mayWait = below('test/support', 'test/kafka', 'test/sinks', 'test/torture');

export const testTiming: Rule = nodeRule({
  name: 'test-timing',
  appliesTo: (path) => path.startsWith('test/') && !mayWait(path),
  judge(node) {
    const name = globalName(node);
    if (name !== undefined && timers.includes(name)) {
      return `${name} makes a test depend on time: use the virtual clock of test/support`;
    }
    if (isMember(node, 'Date', 'now') || isMember(node, 'performance', 'now')) {
      return 'elapsed time is no expectation: count steps, or use the virtual clock';
    }
    return undefined;
  },
  bad: {
    'a sleep': { 'test/a.test.ts': 'await new Promise((done) => setTimeout(done, 5));' },
    'elapsed time': { 'test/a.test.ts': 'const start = performance.now();' },
  },
  good: {
    'a fixed time': { 'test/a.test.ts': "const time = new Date('2024-03-31').getTime();" },
    'a helper for real servers': { 'test/support/a.ts': 'setTimeout(() => undefined, 5);' },
  },
});

export const noConsole: Rule = nodeRule({
  name: 'no-console',
  appliesTo: (path) => path.startsWith('src/') && !path.startsWith('src/cli/'),
  judge: (node) =>
    globalName(node) === 'console' ? 'use the logger that is passed in' : undefined,
  bad: { 'a message to nobody': { 'src/core/task/a.ts': "console.warn('late');" } },
  good: { 'the command line': { 'src/cli/main.ts': "console.log('ready');" } },
});

function importedName({ propertyName, name }: ts.ImportSpecifier): string {
  return (propertyName ?? name).text;
}

function isMember(node: ts.Node, object: string, member: string): boolean {
  if (!ts.isPropertyAccessExpression(node)) return false;
  return node.name.text === member && node.expression.getText() === object;
}

/** The name of a global that is read here, and that the file does not declare itself. */
function globalName(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node) && node.expression.getText() === 'globalThis') {
    return node.name.text;
  }
  if (!ts.isIdentifier(node) || !isReference(node)) return undefined;
  return isDeclaredIn(node.getSourceFile(), node.text) ? undefined : node.text;
}

const declared = new WeakMap<ts.SourceFile, Set<string>>();

function isDeclaredIn(source: ts.SourceFile, name: string): boolean {
  let names = declared.get(source);
  if (names === undefined) {
    const found = new Set<string>();
    walk(source, (node) => {
      const isName = ts.isVariableDeclaration(node) || ts.isParameter(node);
      const isOther = ts.isFunctionDeclaration(node) || ts.isBindingElement(node);
      const isImport = ts.isImportSpecifier(node);
      if (!isName && !isOther && !isImport) return;
      if (node.name !== undefined && ts.isIdentifier(node.name)) found.add(node.name.text);
    });
    declared.set(source, (names = found));
  }
  return names.has(name);
}
