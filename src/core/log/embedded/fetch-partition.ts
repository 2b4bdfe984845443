import { andThen, type MaybePromise } from '../../model/maybe-promise.ts';
import type { FetchedPartition, FetchRequest, ReaderOptions, TopicPartition } from '../port.ts';
import { decodeBatch } from '../record-batch/decode-batch.ts';
import type { RecordBatch } from '../record-batch/record-batch.ts';
import { offsetOutOfRange } from '../log-errors.ts';
import type { LogStorage } from './log-storage.ts';
import type { PartitionLog } from './partition-log.ts';

interface FetchPartitionOptions extends ReaderOptions {
  readonly maxPartitionBytes: number;
}

/** What is there of one partition, decoded. */
export function fetchPartition(
  partition: PartitionLog,
  { topic, partition: number, offset }: FetchRequest,
  options: FetchPartitionOptions,
  storage: LogStorage,
): MaybePromise<FetchedPartition> {
  const { ends } = partition;
  if (offset < ends.logStartOffset || offset > ends.logEndOffset) {
    throw offsetOutOfRange({ topic, partition: number, offset }, ends);
  }
  const { isolation, maxPartitionBytes: maxBytes } = options;
  const { entries, nextOffset } = partition.select(offset, { isolation, maxBytes });
  const place = { topic, partition: number };
  if (entries.length === 0) return { ...place, batches: [], nextOffset, ends };
  return andThen(storage.readBatches(place, entries), (read) => {
    const batches = decodeRead(read, place);
    if (batches !== null) return { ...place, batches, nextOffset, ends };
    // A batch was compacted away or deleted while it was read: the index knows better now.
    return fetchPartition(partition, { ...place, offset }, options, storage);
  });
}

function decodeRead(read: readonly (Buffer | null)[], where: TopicPartition): RecordBatch[] | null {
  const batches: RecordBatch[] = [];
  for (const bytes of read) {
    if (bytes === null) return null;
    batches.push(decodeBatch(bytes, { where }));
  }
  return batches;
}
