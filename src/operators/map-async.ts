import type { ErrorPolicy } from '../core/model/drop-reason.ts';
import { type Duration, durationMs } from '../core/model/duration.ts';
import type { StreamRecord } from '../core/model/record.ts';
import { identityOf } from '../core/serde/key-identity.ts';
import type { CallSettings } from '../core/topology/plan.ts';
import { type RecordContext, undefinedValue } from './internal/callbacks.ts';
import type { Handle } from './internal/handle.ts';
import { operatorNode } from './internal/node.ts';
import { resolveSerde } from './internal/resolve-serde.ts';
import type { SerdeOptions } from './internal/serdes.ts';

/** The longest that a timer of the platform can wait. */
const maxWaitMs = 2 ** 31 - 1;

/** What an asynchronous callback may know of its record besides key and value. */
export interface AsyncRecordContext extends RecordContext {
  /** Aborted when the attempt has run out of time, or its result is not wanted any more. */
  readonly signal: AbortSignal;
}

export type AsyncMapper<K, V, Out> = (
  value: V,
  key: K,
  context: AsyncRecordContext,
) => PromiseLike<Out>;

export interface MapAsyncOptions {
  /** Default: generated. */
  readonly name?: string;
  /**
   * Which results leave in the order their records came: those of one key (null keys excepted),
   * all of the task, or none. Default `'key'`.
   */
  readonly order?: 'key' | 'partition' | 'none';
  /** Calls at a time, per task. Default 64. */
  readonly maxInFlight?: number;
  /** Of each attempt. Default 30 seconds. */
  readonly timeout?: Duration;
  /** Attempts after the first. Default 0. */
  readonly retries?: number;
  /** How long to wait after the attempt of this number, the first being 1. Default 100 ms. */
  readonly backoff?: Duration | ((attempt: number) => Duration);
  /** What to do with a record whose last attempt has failed. Default `'fail'`. */
  readonly onError?: ErrorPolicy;
}

export function mapAsync<K, V, VOut>(
  from: Handle,
  mapper: AsyncMapper<K, V, VOut>,
  options: MapAsyncOptions & SerdeOptions<K, VOut> = {},
): Handle {
  const { draft } = from;
  const { order = 'key', onError } = options;
  const name = options.name ?? draft.generateName('map-async');
  const calls = { ...callSettings(from, name, options), make: callOf(mapper) };
  const { maxInFlight, timeoutMs, retries } = calls;
  const node = operatorNode<K, VOut, K, VOut>({
    kind: 'map-async',
    name,
    parents: [from.node],
    detail: { order, maxInFlight, timeoutMs, retries },
    onError,
    calls,
    createProcessor: (context) => ({
      process(record) {
        if (record.value === undefined) throw undefinedValue(name, 'mapper');
        context.forward(record);
      },
    }),
  });
  return {
    ...from,
    node: draft.add(node),
    key: options.key ?? from.key,
    value: options.value ?? null,
  };
}

function callOf<K, V, VOut>(mapper: AsyncMapper<K, V, VOut>): CallSettings['make'] {
  return (record, attempt) => {
    const { key, value, timestamp, headers } = record as StreamRecord<K, V>; // its parent's
    return mapper(value, key, {
      timestamp,
      headers,
      // Made when it is asked for: most mappers never do.
      get signal() {
        return attempt.signal;
      },
    });
  };
}

function callSettings<K, VOut>(
  from: Handle,
  name: string,
  options: MapAsyncOptions & SerdeOptions<K, VOut>,
): Omit<CallSettings, 'make'> {
  const { timeout = '30s', retries = 0, maxInFlight = 64, backoff = '100ms' } = options;
  const timeoutMs = durationMs(timeout, 'timeout');
  const check = (option: string, value: number, least: number, most: number) => {
    if (Number.isInteger(value) && value >= least && value <= most) return;
    const message = `'${option}' of '${name}' is ${value}: give a whole number from ${least} to ${most}`;
    from.draft.problems.push({ code: 'BAD_OPTION', node: name, message });
  };
  check('maxInFlight', maxInFlight, 1, 1_000_000);
  check('retries', retries, 0, 1_000_000);
  check('timeout', timeoutMs, 1, maxWaitMs);
  const fixedMs = typeof backoff === 'function' ? 0 : durationMs(backoff, 'backoff');
  const backoffMs = (attempt: number) =>
    typeof backoff === 'function' ? durationMs(backoff(attempt)) : fixedMs;
  return {
    maxInFlight,
    timeoutMs,
    retries,
    backoffMs: (attempt) => Math.min(backoffMs(attempt), maxWaitMs),
    laneOf: laneOf(from, name, options),
  };
}

function laneOf<K, VOut>(
  from: Handle,
  name: string,
  { order = 'key', key: given }: MapAsyncOptions & SerdeOptions<K, VOut>,
): CallSettings['laneOf'] {
  if (order === 'none') return () => null;
  if (order === 'partition') return () => '';
  const serde = resolveSerde('key', given, from, name);
  return (key) => (key === null ? null : identityOf(serde, key));
}
