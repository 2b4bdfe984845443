import type { Rule } from '../project.ts';
import { importsOf } from './imports.ts';

/** The handles of the DSL, whose methods delegate to the operators. */
const handle = /^src\/operators\/(?:topology-builder|(?:[a-z]+-)*k-[a-z-]+)\.ts$/;

const isTop = (path: string): boolean => /^src\/operators\/[^/]+\.ts$/.test(path);
const isOperator = (path: string): boolean => isTop(path) && !handle.test(path);

export const operatorSiblings: Rule = {
  name: 'operator-siblings',
  check: (project) =>
    importsOf(project).flatMap(({ from, to, line, isTypeOnly }) => {
      if (!isTop(to)) return [];
      const isHandleType = isTypeOnly && handle.test(to);
      if (isOperator(from) && !isHandleType) {
        const message = `an operator imports no sibling: move what '${to}' shares to src/operators/internal/`;
        return [{ path: from, line, message }];
      }
      if (from.startsWith('src/operators/internal/') && !isTypeOnly) {
        const message = `operators/internal must not load '${to}': it is what operators are made of`;
        return [{ path: from, line, message }];
      }
      return [];
    }),
  bad: {
    'a sibling operator': { 'src/operators/count.ts': "import { reduce } from './reduce.ts';" },
    'the options of a sibling': {
      'src/operators/count.ts': "import type { ReduceOptions } from './reduce.ts';",
    },
    'a handle that is loaded': {
      'src/operators/count.ts': "import { KTable } from './k-table.ts';",
    },
    'an operator from internal': {
      'src/operators/internal/a.ts': "import { count } from '../count.ts';",
    },
  },
  good: {
    'shared parts': { 'src/operators/count.ts': "import { node } from './internal/node.ts';" },
    'a handle as a type': { 'src/operators/a.ts': "import type { KStream } from './k-stream.ts';" },
    'a handle delegates': { 'src/operators/k-stream.ts': "import { map } from './map.ts';" },
  },
};
