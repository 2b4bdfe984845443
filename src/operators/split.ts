import type { Predicate } from './internal/callbacks.ts';
import type { Handle } from './internal/handle.ts';
import { operatorNode } from './internal/node.ts';
import { passOn } from './internal/pass-on.ts';

/** Named predicates; `default: true` names the branch for what none of them took. */
export interface Branches<K, V> {
  readonly default?: true;
  readonly [branch: string]: Predicate<K, V> | true | undefined;
}

/** One handle per branch. The first predicate that holds takes the record. */
export function split<K, V>(from: Handle, branches: Branches<K, V>): ReadonlyMap<string, Handle> {
  const { draft } = from;
  const name = draft.generateName('split');
  const names = Object.keys(branches);
  const tests = names.flatMap((branch) => {
    const predicate = branches[branch];
    return typeof predicate === 'function' ? [{ to: `${name}-${branch}`, predicate }] : [];
  });
  const rest = branches.default === true ? `${name}-default` : null;
  const node = operatorNode<K, V, K, V>({
    kind: 'split',
    name,
    parents: [from.node],
    detail: { branches: names },
    createProcessor: (context) => ({
      process(record) {
        for (const test of tests) {
          if (test.predicate(record.value, record.key, record)) {
            context.forward(record, test.to);
            return;
          }
        }
        if (rest !== null) context.forward(record, rest);
      },
    }),
  });
  draft.add(node);
  return new Map(
    names.map((branch) => [branch, passOn({ ...from, node }, 'branch', `${name}-${branch}`)]),
  );
}
