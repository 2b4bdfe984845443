import { ProcessingError } from '../../core/model/errors.ts';
import type { Row, StreamRecord } from '../../core/model/record.ts';
import type { ProcessorContext } from '../../core/topology/processor.ts';
import { undefinedValue } from './callbacks.ts';

/**
 * The value of a row after a record; null deletes the row, undefined leaves it as it is and tells
 * nothing. The bounds are those of the window; both are 0 where there is none.
 */
export type Step<K, V, A> = (
  row: Row<A> | undefined,
  record: StreamRecord<K, V>,
  startMs: number,
  endMs: number,
) => A | null | undefined;

/** Makes the step of a running node, which is named in its errors. */
export type StepFactory<K, V, A> = (
  node: string,
  context: Pick<ProcessorContext<never, never>, 'store'>,
) => Step<K, V, A>;

export type Reducer<V> = (aggregate: V, value: V) => V | null;

export type Initializer<A> = () => A;

export type Aggregator<K, V, A> = (aggregate: A, value: V, key: K) => A | null;

/** Combines the aggregates of two sessions, the earlier one first. */
export type Merger<K, A> = (earlier: A, later: A, key: K) => A | null;

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
    if (row.value < Number.MAX_SAFE_INTEGER) return row.value + 1;
    throw overflow(node);
  };
}

export function overflow(node: string): ProcessingError {
  return new ProcessingError(
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

function checked<T>(node: string, callback: string, value: T): T {
  if (value === undefined) throw undefinedValue(node, callback);
  return value;
}
