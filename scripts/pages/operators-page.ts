import { anchorOf } from './anchor.ts';
import type { Docstring } from './docstring.ts';
import { type ExportedFunction, exportedFunctions } from './exported-functions.ts';
import { type HandleClass, handlesOf } from './handles.ts';
import { type Operator, type OperatorRow, operatorRows } from './operator-rows.ts';

interface FunctionGroup {
  readonly title: string;
  readonly words: readonly string[];
  readonly functions: readonly ExportedFunction[];
}

/** `docs/operators.md`: a table of operators, then the DSL by its docstrings. */
export function operatorsPage(root: string): string {
  const handles = handlesOf(root);
  const groups = functionGroups(root);
  const lines = [
    '# Operators',
    '',
    'Each operator with its rule, its source and its tests. Below the table: what its docstring says.',
    'Beside these tests every operator is judged, in random topologies, by the interpreter in',
    '`test/naive`. This page is generated from `src` by `npm run docs`.',
    '',
    ...table(operatorRows(root, operatorsOf(handles, groups))),
    ...handles.flatMap(handleSection),
    ...groups.flatMap(groupSection),
  ];
  return `${lines.join('\n')}\n`;
}

/** All public operators with rule, source and test. */
export function rowsOfOperators(root: string): readonly OperatorRow[] {
  return operatorRows(root, operatorsOf(handlesOf(root), functionGroups(root)));
}

function functionGroups(root: string): readonly FunctionGroup[] {
  const index = (group: string) => exportedFunctions(root, 'src/index.ts', group);
  return [
    { title: 'Windows', words: ['What `windowedBy` takes.'], functions: index('Windows') },
    { title: 'Emission', words: ['What `emit` takes.'], functions: index('Emission') },
    {
      title: 'Ready aggregators',
      words: [
        'The parts of `aggregate` but for the name, to be spread into its options, with windows or',
        'without: `aggregate({ name, ...sum((order) => order.amount) })`. `quantiles` is exported by',
        '`millrace/quantiles`, which needs the package `@datadog/sketches-js`, version 2.1.1.',
      ],
      functions: [...index('Ready aggregators'), ...exportedFunctions(root, 'src/quantiles.ts')],
    },
  ];
}

function operatorsOf(
  handles: readonly HandleClass[],
  groups: readonly FunctionGroup[],
): readonly Operator[] {
  const methods = handles.flatMap((handle) => {
    return handle.methods.map(({ name, parameters, paths }) => {
      const full = `${handle.name}.${name}`;
      return { name: full, heading: `${full}(${parameters})`, paths };
    });
  });
  const functions = groups.flatMap((group) => group.functions);
  return [
    ...methods,
    ...functions.map(({ name, parameters, path }) => {
      return { name, heading: `${name}(${parameters})`, paths: [path] };
    }),
  ];
}

function table(rows: readonly OperatorRow[]): readonly string[] {
  const cells = rows.map(({ heading, rules, paths, tests }) => [
    `[\`${heading}\`](#${anchorOf(heading)})`,
    rules.map((rule) => `[${rule}](SEMANTICS.md#${anchorOf(rule)})`).join(', '),
    paths.map(fileLink).join(', '),
    tests.map(fileLink).join(', '),
  ]);
  const all = [['operator', 'rule', 'source', 'tests'], ['---', '---', '---', '---'], ...cells];
  return all.map((row) => `| ${row.join(' | ')} |`);
}

function fileLink(path: string): string {
  const name = path.replace(/^.*\//, '').replace(/(\.test)?\.ts$/, '');
  return `[${name}](../${path})`;
}

function handleSection({ name, docstring, methods }: HandleClass): readonly string[] {
  const sections = methods.flatMap((method) => {
    const heads = method.docstring?.heads ?? [];
    return [
      ...['', `### ${name}.${method.name}(${method.parameters})`, ''],
      ...definition(method.docstring),
      ...(heads.length > 0 ? [''] : []),
      ...heads.map(([head, text]) => `- **${head}:** ${text}`),
    ];
  });
  return ['', `## ${name}`, '', ...definition(docstring), ...sections];
}

function groupSection({ title, words, functions }: FunctionGroup): readonly string[] {
  const sections = functions.flatMap(({ name, parameters, docstring }) => {
    return ['', `### ${name}(${parameters})`, '', ...definition(docstring)];
  });
  return ['', `## ${title}`, '', ...words, ...sections];
}

function definition(docstring: Docstring | undefined): readonly string[] {
  return docstring === undefined ? [] : [docstring.definition];
}
