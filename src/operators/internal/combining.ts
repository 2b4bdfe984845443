import { ProcessingError } from '../../core/model/errors.ts';
import type { Row, StreamRecord } from '../../core/model/record.ts';
import { checked, counted, type Merger, type Step, type unchanged } from './steps.ts';

/** The same step where rows are combined with one another: a deleted row could not be. */
export function combinable<K, V, A>(
  node: string,
  step: Step<K, V, A>,
): (row: Row<A> | undefined, record: StreamRecord<K, V>) => A | typeof unchanged {
  return (row, record) => notNull(node, step(row, record, 0, 0));
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
