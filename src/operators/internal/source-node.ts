import type { ErrorPolicy } from '../../core/model/drop-reason.ts';
import { type Duration, durationMs } from '../../core/model/duration.ts';
import { ConfigError } from '../../core/model/errors.ts';
import type { Serde } from '../../core/serde/serde.ts';
import type { SourceNode, TimestampExtractor } from '../../core/topology/plan.ts';

/** What streams and tables take alike. */
export interface SourceOptions<K, V> {
  readonly key: Serde<K>;
  readonly value: Serde<V>;
  /** Default `recordTime()`. */
  readonly timestamp?: TimestampExtractor<NoInfer<K>, NoInfer<V>>;
  /** What to do with a record whose time is no time. Default `'drop'`. */
  readonly onInvalidTimestamp?: 'drop' | 'partition-time' | 'fail';
  /** How far ahead of the clock a record may be; one further ahead is dropped. Default 1 hour. */
  readonly maxFuture?: Duration | 'off';
  /**
   * While all that the stream is joined or merged with has been empty for so long, stream time
   * follows the clock at this distance: windows close without records. What is late then depends on
   * when it arrived, so a second run may differ. Default: time stands without records.
   */
  readonly idleAdvance?: Duration;
  /** What cannot be decoded; default: dead letters if the topology has them, else fail. */
  readonly onError?: ErrorPolicy;
}

type SourceIdentity = Pick<SourceNode, 'name' | 'kind' | 'topic' | 'isTable' | 'tombstones'>;

/** The frozen node of a source; the options of streams and tables have these in common. */
export function sourceNode<K, V>(
  identity: SourceIdentity,
  options: SourceOptions<K, V>,
): SourceNode {
  const { maxFuture, timestamp = { kind: 'record-time' } } = options;
  return Object.freeze({
    type: 'source',
    ...identity,
    parents: Object.freeze([]),
    detail: Object.freeze({ topic: identity.topic, timestamp: timestamp.kind }),
    key: options.key,
    value: options.value,
    timestamps: timestamp as TimestampExtractor, // called with what these serdes decode
    onInvalidTimestamp: options.onInvalidTimestamp ?? 'drop',
    maxFutureMs:
      maxFuture === undefined || maxFuture === 'off'
        ? (maxFuture ?? null)
        : durationMs(maxFuture, 'maxFuture'),
    onDeserializationError: options.onError ?? null,
    idleAdvanceMs: options.idleAdvance === undefined ? null : idleAdvanceMs(options.idleAdvance),
  });
}

function idleAdvanceMs(idleAdvance: Duration): number {
  const ms = durationMs(idleAdvance, 'idleAdvance');
  if (ms > 0) return ms;
  throw new ConfigError(
    'BAD_DURATION',
    "'idleAdvance' is 0: give a time above 0, or leave it out.",
  );
}
