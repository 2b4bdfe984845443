import type { DeliveryPlace, SinkBatch } from '../../../src/core/sink/sink.ts';

export function deliveryPlace(place: Partial<DeliveryPlace> = {}): DeliveryPlace {
  return {
    application: 'app',
    sink: 'views',
    partition: 0,
    partitions: 1,
    source: 'cluster/topic/0',
    epoch: 1,
    maxZombieMs: 60_000,
    minIntervalMs: 1_000,
    ...place,
  };
}

/** A batch of rows as they stand in the outbox. */
export function batchOf(
  token: string,
  rows: readonly (Uint8Array | string)[],
  signal = new AbortController().signal,
): SinkBatch {
  const bytes = rows.map((row) => (typeof row === 'string' ? Buffer.from(row) : row));
  return { token, from: 0, to: rows.length, rows: bytes, signal };
}
