import { ProcessingError } from '../../core/model/errors.ts';
import { checked, counted, type Step, unchanged } from './steps.ts';

/** The aggregate of two neighbouring sessions, the earlier one first. */
export type Merger<K, A> = (left: A, right: A, key: K) => A;

/** The same step where rows are combined with one another: a deleted row could not be. */
export function combinable<K, V, A>(
  node: string,
  step: Step<K, V, A>,
): (...of: Parameters<Step<K, V, A>>) => A | typeof unchanged {
  return (row, record) => notNull(node, step(row, record));
}

export function countMerger(node: string): Merger<unknown, number> {
  return (left, right) => counted(node, left + right);
}

export function checkedMerger<K, A>(
  node: string,
  callback: 'merger' | 'reducer',
  merger: Merger<K, A>,
): Merger<K, A> {
  return (left, right, key) => notNull(node, checked(node, callback, merger(left, right, key)));
}

function notNull<A>(node: string, aggregate: A | null): A {
  if (aggregate !== null) return aggregate;
  throw new ProcessingError(
    'NULL_AGGREGATE',
    `A callback of '${node}' returned null, but its rows are combined. Return a value that means ` +
      '"nothing".',
    { where: { node } },
  );
}
