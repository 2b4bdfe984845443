import type { Rule } from '../project.ts';

const page = 'docs/ARCHITECTURE.md';

export const laws: Rule = {
  name: 'laws',
  check({ sources, documents }) {
    const text = documents.get(page) ?? '';
    const part = /\n## The laws\n([\s\S]*?)\n## /.exec(`${text}\n## `)?.[1] ?? '';
    const line = text.split('\n').indexOf('## The laws') + 1;
    if (part === '') return [{ path: page, line: 1, message: "the part 'The laws' is missing" }];
    return part.split(/\n(?=\d+\. )/).flatMap((law) => {
      const number = /^(\d+)\. /.exec(law.trim())?.[1];
      if (number === undefined) return [];
      const tests = law.match(/test\/[\w/.-]+\.ts/g) ?? [];
      if (tests.length === 0) return [{ path: page, line, message: `law ${number} names no test` }];
      return tests
        .filter((test) => !sources.has(test))
        .map((test) => ({ path: page, line, message: `law ${number}: there is no ${test}` }));
    });
  },
  bad: {
    'a law without a test': { [page]: '# A\n## The laws\n\n1. **One.** It holds.\n' },
    'a test that is gone': { [page]: '# A\n## The laws\n\n1. **One.** `test/laws/one.test.ts`\n' },
    'no laws': { [page]: '# A\n' },
  },
  good: {
    'each law with its test': {
      [page]: '# A\n## The laws\n\n1. **One.** `test/laws/one.test.ts`\n\n## B\n',
      'test/laws/one.test.ts': '',
    },
  },
};
