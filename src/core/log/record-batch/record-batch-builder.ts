import type { Headers } from '../../model/headers.ts';

/** A place in a builder to cut back to. */
export interface BuilderMark {
  readonly count: number;
  readonly byteLength: number;
  readonly maxTimestamp: number;
}

/** What only the writer of a batch knows. */
export interface BatchStamp {
  readonly baseOffset: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly isTransactional: boolean;
}

/** Encodes records into one growing buffer; the header is written last. */
export interface RecordBatchBuilder {
  readonly count: number;
  /** Bytes so far, header included. */
  readonly byteLength: number;
  /** Text is written as UTF-8. @throws {SerdeError} `RECORD_TOO_LARGE` above 2^31 - 1 bytes. */
  append(
    timestamp: number,
    key: Uint8Array | string | null,
    value: Uint8Array | string | null,
    headers: Headers,
  ): void;
  mark(): BuilderMark;
  truncate(mark: BuilderMark): void;
  /** The whole batch with its CRC32C; the builder must not be used afterwards. */
  finish(stamp: BatchStamp): Buffer;
}
