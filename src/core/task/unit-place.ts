import type { RecordBatch } from '../log/record-batch/record-batch.ts';
import { noHeaders } from '../model/headers.ts';
import type { UnitOrigin } from './dead-letter.ts';

/** Where a unit comes from, kept for when its input has moved on. */
export interface UnitPlace {
  readonly topic: string | null;
  readonly offset: number | null;
  /** The input, and how many of its records were seen; null for a timer. */
  readonly seen: { readonly input: number; readonly record: number } | null;
  /** For a dead letter. */
  origin(): UnitOrigin;
}

/** The bytes of a record as they were read. */
export function originInBatch(
  { batch, index }: { readonly batch: RecordBatch; readonly index: number },
  topic: string,
  partition: number,
): UnitOrigin {
  return {
    key: batch.key(index),
    value: batch.value(index),
    timestamp: Math.max(0, batch.timestamp(index)),
    headers: batch.headers(index),
    topic,
    partition,
    offset: batch.offset(index),
  };
}

/** A timer has no record behind it: its key, and the time it was set for. */
export function timerOrigin(
  key: Uint8Array | null,
  timestamp: number,
  partition: number,
): UnitOrigin {
  const none = { value: null, headers: noHeaders, topic: null, offset: null };
  return { key, timestamp, partition, ...none };
}
