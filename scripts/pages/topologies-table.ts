import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue } from '../../src/topologies/catalogue.ts';
import type { ReadyMade } from '../../src/topologies/ready-made.ts';

export const topologiesPath = 'docs/TOPOLOGIES.md';

const begin =
  '<!-- generated: settings of ready-made topologies -->\n<!-- prettier-ignore-start -->';
const end = '<!-- prettier-ignore-end -->';

/** `docs/TOPOLOGIES.md`, written by hand but for the tables of settings between two marks. */
export async function topologiesPage(root: string): Promise<string> {
  const text = readFileSync(join(root, topologiesPath), 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${topologiesPath} lacks the mark '${begin}'`);
  const all = await Promise.all(Object.values(catalogue).map((load) => load()));
  const tables = all.flatMap(tableOf).join('\n');
  return `${text.slice(0, from)}${begin}\n\n${tables}\n${text.slice(to)}`;
}

function tableOf({ name, summary, settings }: ReadyMade): readonly string[] {
  const rows = Object.entries(settings).map(([setting, { type, description, ...spec }]) => {
    const byDefault = spec.default === undefined ? '**required**' : (spec.default ?? 'none');
    return [setting, type, byDefault, description].map(cell);
  });
  const cells = [['setting', 'type', 'default', 'meaning'], ['---', '---', '---', '---'], ...rows];
  const lines = cells.map((row) => `| ${row.join(' | ')} |`);
  return [`**\`millrace/topologies/${name}\`**: ${summary}`, '', ...lines, ''];
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
