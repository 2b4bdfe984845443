import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { anchorOf } from '../../scripts/pages/anchor.ts';

/** The headings of a page, without code marks; what looks like one in a fenced block is none. */
export function headingsOf(page: string): readonly string[] {
  return [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, text = '']) => text.replaceAll('`', ''));
}

/** The links of a page, `path` below the root, that lead to no file or no heading of it. */
export function deadLinks(root: string, path: string): readonly string[] {
  const page = readFileSync(join(root, path), 'utf8');
  const links = [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? join(root, path) : join(root, dirname(path), file);
    if (!existsSync(target)) return true;
    if (anchor === undefined) return false;
    return !headingsOf(readFileSync(target, 'utf8')).map(anchorOf).includes(anchor);
  });
}

function textOf(page: string): string {
  return page.replace(/^```[^]*?^```$/gm, '');
}
