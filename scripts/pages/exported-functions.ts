import ts from 'typescript';
import { type Docstring, docstringOf } from './docstring.ts';
import { parametersOf } from './parameters.ts';
import { parsed } from './parsed.ts';

/** A function that an entry point exports. */
export interface ExportedFunction {
  readonly name: string;
  readonly path: string;
  readonly parameters: string;
  readonly docstring: Docstring | undefined;
}

/** The functions an entry point exports under one of its comments, or all, in their order. */
export function exportedFunctions(
  root: string,
  entry: string,
  group?: string,
): readonly ExportedFunction[] {
  const source = parsed(root, entry);
  let comment: string | undefined;
  return source.statements.flatMap((node) => {
    const [head] = ts.getLeadingCommentRanges(source.text, node.pos) ?? [];
    if (head !== undefined) comment = source.text.slice(head.pos + 2, head.end).trim();
    if (!ts.isExportDeclaration(node) || node.isTypeOnly) return [];
    const { exportClause, moduleSpecifier } = node;
    if (exportClause === undefined || !ts.isNamedExports(exportClause)) return [];
    if ((group !== undefined && comment !== group) || moduleSpecifier === undefined) return [];
    const path = moduleSpecifier.getText().replace(/^'\./, 'src').slice(0, -1);
    const names = exportClause.elements.filter(({ isTypeOnly }) => !isTypeOnly);
    return names.flatMap(({ name }) => functionOf(root, path, name.text) ?? []);
  });
}

/** Of overloads the first says what the function is. */
function functionOf(root: string, path: string, name: string): ExportedFunction | undefined {
  const functions = parsed(root, path).statements.filter(ts.isFunctionDeclaration);
  const found = functions.find((node) => node.name?.text === name);
  if (found === undefined) return undefined;
  return { name, path, parameters: parametersOf(found), docstring: docstringOf(found) };
}
