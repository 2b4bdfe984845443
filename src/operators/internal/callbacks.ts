import { ProcessingError } from '../../core/model/errors.ts';
import type { Headers } from '../../core/model/headers.ts';

/** What a callback may know of its record besides key and value. */
export interface RecordContext {
  /** Event time, epoch milliseconds. */
  readonly timestamp: number;
  readonly headers: Headers;
}

/** A key and a value, as `map` and `flatMap` return them. */
export interface KeyValue<K, V> {
  readonly key: K;
  readonly value: V;
}

export type Mapper<K, V, Out> = (value: V, key: K, context: RecordContext) => Out;

export type Predicate<K, V> = (value: V, key: K, context: RecordContext) => boolean;

export type TablePredicate<K, V> = (value: V, key: K) => boolean;

export type Joiner<K, Left, Right, VOut> = (left: Left, right: Right, key: K) => VOut;

/** A forgotten `return` must not delete a row or write a tombstone. */
export function undefinedValue(node: string, callback: string): ProcessingError {
  return new ProcessingError(
    'UNDEFINED_VALUE',
    `The ${callback} of '${node}' returned undefined. Return a value, or null for a tombstone.`,
    { where: { node } },
  );
}

/** An error where it is made: what only a sink found would be taken for the sink's. */
export function checkHeaders(node: string, headers: unknown): asserts headers is Headers {
  const isOurs =
    typeof headers === 'object' &&
    headers !== null &&
    'getAll' in headers &&
    typeof headers.getAll === 'function';
  if (isOurs) return;
  throw new ProcessingError(
    'PROCESSING',
    `Node '${node}' forwarded a record without headers: pass on those of the record, or noHeaders.`,
    { where: { node } },
  );
}
