import type { Finding, Rule } from '../project.ts';
import { importsOf } from './imports.ts';

/**
 * Only imports that load something count: types of contracts may name each other, and the compiler
 * erases them.
 */
export const noCycles: Rule = {
  name: 'no-cycles',
  check(project) {
    const next = new Map<string, string[]>();
    for (const { from, to, isTypeOnly } of importsOf(project)) {
      if (!isTypeOnly) next.set(from, [...(next.get(from) ?? []), to]);
    }
    const findings: Finding[] = [];
    const done = new Set<string>();
    const trail: string[] = [];
    const visit = (path: string): void => {
      const start = trail.indexOf(path);
      if (start >= 0) {
        const cycle = [...trail.slice(start), path].join(' -> ');
        findings.push({
          path,
          line: 1,
          message: `import cycle ${cycle}: split the shared part out`,
        });
      }
      if (start >= 0 || done.has(path)) return;
      trail.push(path);
      next.get(path)?.forEach(visit);
      trail.pop();
      done.add(path);
    };
    [...next.keys()].forEach(visit);
    return findings;
  },
  bad: {
    'two files': {
      'src/state/a.ts': "import { b } from './b.ts';",
      'src/state/b.ts': "import { a } from './a.ts';",
    },
    'three files, one by re-export': {
      'src/state/a.ts': "import { b } from './b.ts';",
      'src/state/b.ts': "export { c } from './c.ts';",
      'src/state/c.ts': "import './a.ts';",
    },
  },
  good: {
    'types that name each other': {
      'src/state/a.ts': "import type { B } from './b.ts';",
      'src/state/b.ts': "import { a } from './a.ts';",
    },
    'a diamond': {
      'src/state/a.ts': "import './b.ts'; import './c.ts';",
      'src/state/b.ts': "import './d.ts';",
      'src/state/c.ts': "import './d.ts';",
    },
  },
};
