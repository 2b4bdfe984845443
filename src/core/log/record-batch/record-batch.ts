import type { Headers } from '../../model/headers.ts';

/** A Kafka v2 record batch, decoded by index: no object per record or field. */
export interface RecordBatch {
  /** The bytes of the batch; positions below point into it. */
  readonly buffer: Buffer;
  readonly baseOffset: number;
  /** `baseOffset + lastOffsetDelta + 1`, whatever records are left. */
  readonly nextOffset: number;
  /** Records present; may be fewer than the offsets covered, or none. */
  readonly count: number;
  readonly maxTimestamp: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly isTransactional: boolean;
  readonly isControl: boolean;

  offset(index: number): number;
  timestamp(index: number): number;
  /** Start and end of the key in `buffer`; start -1 for null. */
  keyStart(index: number): number;
  keyEnd(index: number): number;
  valueStart(index: number): number;
  valueEnd(index: number): number;
  /** A view of the key, or null. */
  key(index: number): Buffer | null;
  value(index: number): Buffer | null;
  /** Decoded when first asked for. */
  headers(index: number): Headers;
}
