import ts from 'typescript';

/** The heads of a docstring, in the order in which they stand. */
const heads = ['Emits', 'State', 'Time', 'Drops', 'Restart', 'Rule'] as const;

export interface Docstring {
  /** What stands before the first head: the definition. */
  readonly definition: string;
  readonly heads: readonly (readonly [head: string, text: string])[];
}

/** The docstring of a declaration, lines of one paragraph joined. */
export function docstringOf(node: ts.Node): Docstring | undefined {
  const block = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).at(-1);
  const text = ts.getTextOfJSDocComment(block?.comment);
  if (text === undefined || text.trim() === '') return undefined;
  const definition: string[] = [];
  const found: [string, string[]][] = [];
  for (const line of text.split('\n').map((one) => one.trim())) {
    const match = /^([A-Z][a-z]+): (.*)$/.exec(line);
    const isHead = heads.some((head) => head === match?.[1]);
    if (match !== null && isHead) found.push([match[1] ?? '', [match[2] ?? '']]);
    else (found.at(-1)?.[1] ?? definition).push(line);
  }
  return {
    definition: paragraph(definition),
    heads: found.map(([head, lines]) => [head, paragraph(lines)]),
  };
}

function paragraph(lines: readonly string[]): string {
  return lines.join(' ').replace(/\s+/g, ' ').trim();
}
