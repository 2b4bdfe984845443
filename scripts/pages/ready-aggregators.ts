import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { docstringOf } from './docstring.ts';
import { parametersOf } from './parameters.ts';

const folder = 'src/operators/internal/aggregators';
const optional = 'src/quantiles/quantiles.ts';

/** The part of the page on the functions that return the parts of `aggregate`, by name. */
export function readyAggregators(root: string): readonly string[] {
  const names = readdirSync(join(root, folder)).sort();
  const paths = [...names.map((name) => `${folder}/${name}`), optional];
  return [
    '## Ready aggregators',
    '',
    'The parts of `aggregate` but for the name, to be spread into its options, with windows or',
    'without: `aggregate({ name, ...sum((order) => order.amount) })`.',
    ...paths.flatMap((path) => section(root, path)),
  ];
}

function section(root: string, path: string): readonly string[] {
  const text = readFileSync(join(root, path), 'utf8');
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  // Of overloads the first says what the function is; parts of functions have no example.
  const found = source.statements.filter(ts.isFunctionDeclaration).find((node) => {
    return ts.getJSDocTags(node).some(({ tagName }) => tagName.text === 'example');
  });
  if (found?.name === undefined) return [];
  const heading = `### ${found.name.text}(${parametersOf(found)})`;
  const entry = path === optional ? ['', 'Exported by `millrace/quantiles`.'] : [];
  const definition = docstringOf(found)?.definition ?? '';
  return ['', heading, '', definition, ...entry, '', `Source: \`${path}\``];
}
