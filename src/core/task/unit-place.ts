import type { RecordBatch } from '../log/record-batch/record-batch.ts';
import { noHeaders } from '../model/headers.ts';
import type { RecordMetadata } from '../topology/processor.ts';
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

/** A record of an input, in the batch it was read from. */
export class RecordPlace implements UnitPlace {
  constructor(
    readonly topic: string,
    readonly partition: number,
    readonly seen: NonNullable<UnitPlace['seen']>,
    private readonly at: { readonly batch: RecordBatch; readonly index: number },
  ) {}

  get offset(): number {
    return this.at.batch.offset(this.at.index);
  }

  origin(): UnitOrigin {
    const { topic, partition, offset } = this;
    const { batch, index } = this.at;
    return {
      key: batch.key(index),
      value: batch.value(index),
      timestamp: Math.max(0, batch.timestamp(index)),
      headers: batch.headers(index),
      topic,
      partition,
      offset,
    };
  }
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

export function recordMetadata(place: UnitPlace): RecordMetadata | null {
  const { topic, partition, offset, timestamp } = place.origin();
  return topic === null || offset === null
    ? null
    : { topic, partition, offset, timestampMs: timestamp };
}
