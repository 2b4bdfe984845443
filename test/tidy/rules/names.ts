import ts from 'typescript';
import { type Rule, lineOf, nodeRule } from '../project.ts';

const noise = /(?:Impl|Manager|Utils?|Helpers?)$/;

export const names: Rule = nodeRule({
  name: 'names',
  appliesTo: () => true,
  judge(node) {
    if (ts.isSourceFile(node)) return judgeFile(node.fileName);
    const isDeclaration =
      ts.isClassDeclaration(node) ||
      ts.isInterfaceDeclaration(node) ||
      ts.isTypeAliasDeclaration(node);
    const name = isDeclaration ? (node.name?.text ?? '') : '';
    return noise.test(name) ? `'${name}' names no concept: say what it is` : undefined;
  },
  bad: {
    'camel case': { 'src/state/overlayStore.ts': 'f();' },
    'a bag of things': { 'src/state/store-utils.ts': 'f();' },
    'a class that says nothing': { 'src/state/a.ts': 'class StoreManager {}' },
    'an implementation': { 'src/state/a.ts': 'class StoreImpl {}' },
  },
  good: {
    'kebab-case nouns': {
      'src/state/overlay-store.ts': 'class OverlayStore {}',
      'test/types/k-stream.test-d.ts': 'f();',
      'test/contracts/key-value-store.contract.ts': 'f();',
    },
  },
});

function judgeFile(path: string): string | undefined {
  const file = path.slice(path.lastIndexOf('/') + 1);
  if (!/^[a-z0-9]+(?:[-.][a-z0-9]+)*\.ts$/.test(file)) return 'name the file in kebab-case';
  const isNoise = /(?:^|-)(?:utils?|helpers?|impl|manager|misc|common)\.ts$/.test(file);
  return isNoise ? `'${file}' names no concept: say what is in it` : undefined;
}

export const noFocus: Rule = nodeRule({
  name: 'no-focus',
  appliesTo: (path) => path.startsWith('test/'),
  judge: (node) =>
    ts.isPropertyAccessExpression(node) &&
    /^(?:it|test|describe)\.(?:only|skip|todo|fails)$/.test(node.getText())
      ? `'${node.getText()}' hides tests: run them all; \`skipIf\` says what is missing (line ${lineOf(node)})`
      : undefined,
  bad: {
    'one test alone': { 'test/a.test.ts': "it.only('a', () => undefined);" },
    'a skipped group': { 'test/a.test.ts': "describe.skip('a', () => undefined);" },
  },
  good: { 'a condition': { 'test/a.test.ts': "it.skipIf(!hasKafka)('a', () => undefined);" } },
});
