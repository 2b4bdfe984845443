import { readFileSync } from 'node:fs';

/** The rows of the Markdown table whose first head is `head`, without code marks. */
export function tableOf(page: string, head: string): readonly (readonly string[])[] {
  const file = new URL(`../../docs/${page}`, import.meta.url);
  const lines = readFileSync(file, 'utf8').split('\n');
  const start = lines.findIndex((line) => cellsOf(line)[0] === head);
  if (start < 0) throw new Error(`${page} has no table that begins with '${head}'.`);
  const body = lines.slice(start + 2);
  const end = body.findIndex((line) => !line.startsWith('|'));
  return body.slice(0, end).map(cellsOf);
}

function cellsOf(line: string): readonly string[] {
  const cells = line.split('|').slice(1, -1);
  return cells.map((cell) => cell.trim().replaceAll('`', ''));
}
