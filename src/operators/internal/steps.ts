import { ProcessingError } from '../../core/model/errors.ts';
import type { Row, StreamRecord } from '../../core/model/record.ts';
import type { ProcessorContext } from '../../core/topology/processor.ts';
import { undefinedValue } from './callbacks.ts';

/** What a step gives that leaves the row as it was, its timestamp too, and tells nobody. */
export const unchanged = Symbol('unchanged');

/**
 * The value of a row after a record; null deletes the row. The bounds are those of the window; both
 * are 0 where there is none.
 */
export type Step<K, V, A> = (
  row: Row<A> | undefined,
  record: StreamRecord<K, V>,
  startMs: number,
  endMs: number,
) => A | null | typeof unchanged;

/** Where a step finds the stores it keeps beside the rows. */
export type StepContext = Pick<ProcessorContext<never, never>, 'store'>;

/** Makes the step of a running node, which is named in its errors. */
export type StepFactory<K, V, A> = (node: string, context: StepContext) => Step<K, V, A>;

export type Reducer<V> = (aggregate: V, value: V) => V | null;

export type Initializer<A> = () => A;

export type Aggregator<K, V, A> = (aggregate: A, value: V, key: K) => A | null;

/** Combines the aggregates of two sessions, the earlier one first. */
export type Merger<K, A> = (earlier: A, later: A, key: K) => A;

/** The parts of `aggregate`. */
export interface AggregateCallbacks<K, V, A> {
  /** Called once per new row. */
  readonly initializer: Initializer<A>;
  /** Returns the new aggregate; `null` deletes the row. */
  readonly aggregator: Aggregator<K, V, A>;
  /** Sessions need it; nothing else calls it. */
  readonly merger?: Merger<K, A>;
}

export function countStep(node: string): Step<unknown, unknown, number> {
  return (row) => {
    if (row === undefined) return 1;
    return counted(node, row.value + 1);
  };
}

/** @throws {ProcessingError} `OVERFLOW`: a count is right, or it is an error. */
export function counted(node: string, count: number): number {
  if (Number.isSafeInteger(count)) return count;
  throw new ProcessingError(
    'OVERFLOW',
    `The count of '${node}' would leave the safe integers. Aggregate with bigint.`,
    { where: { node } },
  );
}

export function reduceStep<K, V>(node: string, reducer: Reducer<V>): Step<K, V, V> {
  return (row, record) => {
    if (row === undefined) return record.value;
    return checked(node, 'reducer', reducer(row.value, record.value));
  };
}

export function aggregateStep<K, V, A>(
  node: string,
  { initializer, aggregator }: AggregateCallbacks<K, V, A>,
): Step<K, V, A> {
  return (row, record) => {
    const before = row === undefined ? checked(node, 'initializer', initializer()) : row.value;
    return checked(node, 'aggregator', aggregator(before, record.value, record.key));
  };
}

/** @throws {ProcessingError} `UNDEFINED_VALUE`. */
export function checked<T>(node: string, callback: string, value: T): T {
  if (value === undefined) throw undefinedValue(node, callback);
  return value;
}
