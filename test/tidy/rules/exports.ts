import ts from 'typescript';
import { type Rule, nodeRule } from '../project.ts';

/** Files that the `exports` of package.json name: their public names stand there by hand. */
const isEntryPoint = (path: string): boolean =>
  /^src\/(?:index|testing|quantiles)\.ts$|^src\/(?:topologies|sinks|serde)\/[^/]+\.ts$/.test(path);

/** What other programs load by its default export: tool settings, applications. */
const isConfiguration = (path: string): boolean =>
  !path.includes('/') || path.startsWith('examples/');

export const exportsByHand: Rule = nodeRule({
  name: 'exports-by-hand',
  appliesTo: (path) => !isConfiguration(path),
  judge(node, path) {
    if (ts.isExportAssignment(node)) return 'no default export: give it a name';
    const modifiers = ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : [];
    if (modifiers.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)) {
      return 'no default export: give it a name';
    }
    if (!ts.isExportDeclaration(node)) return undefined;
    if (node.exportClause === undefined) return 'no `export *`: list the names by hand';
    if (ts.isNamespaceExport(node.exportClause)) return 'no `export * as`: list the names by hand';
    const isBarrel = node.moduleSpecifier !== undefined && !isEntryPoint(path);
    return isBarrel ? 'no barrel: import from the file that declares the name' : undefined;
  },
  bad: {
    'a star in an entry point': { 'src/index.ts': "export * from './a.ts';" },
    'a named star': { 'src/index.ts': "export * as a from './a.ts';" },
    'a default function': { 'src/state/a.ts': 'export default function a() {}' },
    'a default value': { 'src/state/a.ts': 'export default 1;' },
    'a barrel': { 'src/state/index.ts': "export { a } from './a.ts';" },
    'a barrel of types': { 'src/state/index.ts': "export type { A } from './a.ts';" },
  },
  good: {
    'names by hand': { 'src/index.ts': "export { a, type B } from './a.ts';" },
    'settings of a tool': { 'vitest.config.ts': 'export default {};' },
  },
});
