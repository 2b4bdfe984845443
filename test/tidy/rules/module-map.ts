import { posix } from 'node:path';
import type { Finding, Rule } from '../project.ts';

const page = 'docs/ARCHITECTURE.md';

/**
 * The first fenced block of the page that begins with `src/` is the map: two blanks of indentation
 * a level, a folder ends in `/`, other lines name files.
 */
export function foldersOnMap(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n');
  const start = lines.indexOf('src/');
  const folders = new Map<string, number>();
  const trail: string[] = [];
  for (let index = start; start >= 0 && !lines[index]?.startsWith('```'); index++) {
    const match = /^( *)([\w.-]+)(\/?)(?: |$)/.exec(lines[index] ?? '');
    if (match === null) break;
    const [, indent = '', name = '', slash] = match;
    trail.length = indent.length / 2;
    trail.push(name);
    if (slash === '/') folders.set(trail.join('/'), index + 1);
  }
  return folders;
}

export const moduleMap: Rule = {
  name: 'module-map',
  check({ sources, documents }) {
    const text = documents.get(page);
    if (text === undefined) return [{ path: page, line: 1, message: 'the page is missing' }];
    const drawn = foldersOnMap(text);
    const real = new Set<string>();
    for (const path of sources.keys()) {
      for (let folder = posix.dirname(path); folder !== '.'; folder = posix.dirname(folder)) {
        if (folder === 'src' || folder.startsWith('src/')) real.add(folder);
      }
    }
    const findings: Finding[] = [];
    for (const [folder, line] of drawn) {
      if (!real.has(folder)) findings.push({ path: page, line, message: `no folder ${folder}/` });
    }
    for (const folder of real) {
      const isDrawn = drawn.has(folder);
      if (!isDrawn) findings.push({ path: page, line: 1, message: `${folder}/ is not on the map` });
    }
    return findings;
  },
  bad: {
    'no page': { 'src/state/a.ts': '' },
    'a folder that is gone': {
      [page]: '```text\nsrc/\n  state/  rows\n  cli/    the command\n```',
      'src/state/a.ts': '',
    },
    'a folder not drawn': {
      [page]: '```text\nsrc/\n  state/  rows\n```',
      'src/state/a.ts': '',
      'src/core/model/a.ts': '',
    },
  },
  good: {
    'map and tree agree': {
      [page]:
        '# Map\n```text\nsrc/\n  index.ts  names\n  core/\n    model/  words\n  state/\n```\nend',
      'src/index.ts': '',
      'src/core/model/a.ts': '',
      'src/state/a.ts': '',
    },
  },
};
