import { noHeaders } from '../../model/headers.ts';
import { BatchAttribute, BatchField } from './batch-header.ts';
import { createRecordBatchBuilder, writeCrc } from './encode-batch.ts';
import type { RecordBatch } from './record-batch.ts';

/** How a transaction ended. */
export type TransactionOutcome = 'commit' | 'abort';

export interface TransactionMarker {
  readonly outcome: TransactionOutcome;
  readonly baseOffset: number;
  readonly timestamp: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly coordinatorEpoch: number;
}

const abortType = 0;
const commitType = 1;

/** The control batch that ends a transaction in one partition; it takes one offset. */
export function encodeMarker(marker: TransactionMarker): Buffer {
  const key = Buffer.alloc(4);
  key.writeInt16BE(marker.outcome === 'commit' ? commitType : abortType, 2);
  const value = Buffer.alloc(6);
  value.writeInt32BE(marker.coordinatorEpoch, 2);
  const builder = createRecordBatchBuilder();
  builder.append(marker.timestamp, key, value, noHeaders);
  const batch = builder.finish({ ...marker, baseSequence: -1, isTransactional: true });
  const attributes = BatchAttribute.transactional | BatchAttribute.control;
  batch.writeInt16BE(attributes, BatchField.attributes);
  writeCrc(batch);
  return batch;
}

/**
 * What a batch says about its producer's transaction; null unless it is a marker of a known type.
 */
export function readMarker(batch: RecordBatch): TransactionOutcome | null {
  if (!batch.isControl || batch.count === 0) return null;
  const key = batch.key(0);
  if (key === null || key.length < 4) return null;
  const type = key.readInt16BE(2);
  if (type === commitType) return 'commit';
  return type === abortType ? 'abort' : null;
}
