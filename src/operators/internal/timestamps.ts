import type { TimestampExtractor } from '../../core/topology/plan.ts';

/** The record's own timestamp: the default. */
export function recordTime(): TimestampExtractor {
  return Object.freeze({ kind: 'record-time' });
}

/**
 * Epoch milliseconds that the value, or the key, tells. Not called for a tombstone, which has no
 * value: it keeps the record's own time. `partitionTimeMs` is the greatest time taken from the
 * record's partition so far, -1 before the first: a record that is given it advances no time.
 */
export function valueTime<V, K = unknown>(
  extract: (value: V, key: K | null, partitionTimeMs: number) => number,
): TimestampExtractor<K, V> {
  return Object.freeze({ kind: 'value-time', extract });
}

/** The moment of arrival: results cannot be reproduced. */
export function wallClock(): TimestampExtractor {
  return Object.freeze({ kind: 'wall-clock' });
}
