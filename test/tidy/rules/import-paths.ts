import { isBuiltin } from 'node:module';
import type { Rule } from '../project.ts';
import { importsOf } from './imports.ts';

export const importPaths: Rule = {
  name: 'import-paths',
  check: (project) =>
    importsOf(project).flatMap(({ from, specifier, line }) => {
      if (isBuiltin(specifier) && !specifier.startsWith('node:')) {
        return [{ path: from, line, message: `write 'node:${specifier}'` }];
      }
      if (!specifier.startsWith('.') || /\.(?:ts|json)$/.test(specifier)) return [];
      return [{ path: from, line, message: `name the file that exists: '${specifier}' + '.ts'` }];
    }),
  bad: {
    'a built-in without prefix': { 'src/state/a.ts': "import { readFileSync } from 'fs';" },
    'no extension': { 'src/state/a.ts': "import { b } from './b';" },
    'the extension of the output': { 'src/state/a.ts': "import { b } from './b.js';" },
  },
  good: {
    'built-in, file and package': {
      'src/state/a.ts': "import 'node:fs'; import './b.ts'; import 'classic-level';",
    },
  },
};
