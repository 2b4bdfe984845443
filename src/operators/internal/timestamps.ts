/** Where a source takes the event time from. */
export interface TimestampSource<K, V> {
  readonly kind: 'record-time' | 'value-time' | 'wall-clock';
  readonly extract?: (value: V, key: K | null) => number;
}

/** The record's own timestamp: the default. */
export function recordTime(): TimestampSource<unknown, unknown> {
  return Object.freeze({ kind: 'record-time' });
}

/** Epoch milliseconds that the value, or the key, tells. */
export function valueTime<V, K = unknown>(
  extract: (value: V, key: K | null) => number,
): TimestampSource<K, V> {
  return Object.freeze({ kind: 'value-time', extract });
}

/** The moment of arrival: results cannot be reproduced. */
export function wallClock(): TimestampSource<unknown, unknown> {
  return Object.freeze({ kind: 'wall-clock' });
}
