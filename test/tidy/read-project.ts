import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import { type Project, projectOf } from './project.ts';

const folders = ['src', 'test', 'bench', 'examples', 'scripts'];

/** The project below a root: TypeScript files, and the pages that rules read. */
export function readProject(root: string): Project {
  const files: Record<string, string> = {};
  const read = (path: string): void => {
    const name = path.split(sep).join('/');
    if (existsSync(join(root, path))) files[name] = readFileSync(join(root, path), 'utf8');
  };
  for (const folder of folders.filter((name) => existsSync(join(root, name)))) {
    for (const entry of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (entry.endsWith('.ts') && !entry.includes('node_modules')) read(join(folder, entry));
    }
  }
  read('vitest.config.ts');
  read('docs/ARCHITECTURE.md');
  return projectOf(files);
}
