import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { type Example, allExamples } from './examples.ts';
import { moduleText } from './module-text.ts';
import { entryPoints, namesOf } from './public-names.ts';

export interface BuiltExample extends Example {
  /** Absolute path of the module made of it. */
  readonly module: string;
  /** What the compiler says of it, each with its line in the page or source. */
  readonly problems: readonly string[];
}

const folder = '.build/docs-examples';

/** Writes each example below a root as a module and type-checks all of them in one program. */
export function buildExamples(root: string): readonly BuiltExample[] {
  const points = entryPoints(root);
  // The first entry point that exports a name wins; a file's own names come before all.
  const publicNames = [...points.values()].flatMap((path) => [...namesOf(root, path)]).reverse();
  mkdirSync(join(root, folder), { recursive: true });
  const modules = new Map<string, Example>();
  for (const example of allExamples(root)) {
    const own = example.path.endsWith('.ts') ? namesOf(root, example.path) : [];
    const names = new Map([...publicNames, ...own]);
    const text = moduleText(example, { names, entryPoints: points, toRoot: '../..' });
    const name = `${example.path.replace(/[^a-zA-Z0-9]+/g, '-')}-${example.line}.ts`;
    const module = join(root, folder, name);
    if (!existsSync(module) || readFileSync(module, 'utf8') !== text) writeFileSync(module, text);
    modules.set(module, example);
  }
  for (const name of readdirSync(join(root, folder))) {
    if (!modules.has(join(root, folder, name))) rmSync(join(root, folder, name));
  }
  const problems = problemsOf(root, modules);
  return [...modules].map(([module, example]) => {
    return { ...example, module, problems: problems.get(module) ?? [] };
  });
}

function problemsOf(root: string, modules: ReadonlyMap<string, Example>): Map<string, string[]> {
  const json = ts.readJsonConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonSourceFileConfigFileContent(json, ts.sys, root);
  const program = ts.createProgram([...modules.keys()], options);
  const problems = new Map<string, string[]>();
  for (const [module, { path, line }] of modules) {
    const source = program.getSourceFile(module);
    const found = [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ];
    const texts = found.map(({ messageText, start = 0 }) => {
      // The module has one line before the example.
      const offset = (source?.getLineAndCharacterOfPosition(start).line ?? 0) - 1;
      return `${path}:${line + offset} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
    problems.set(module, texts);
  }
  return problems;
}
