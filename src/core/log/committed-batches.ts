import { invariant } from '../model/invariant.ts';
import type { Log, TopicPartition } from './port.ts';
import type { RecordBatch } from './record-batch/record-batch.ts';

const fetchOptions = { maxWaitMs: 1_000, maxPartitionBytes: 1024 * 1024 };

/**
 * The committed batches of a partition, from its start or from the one that holds an offset, up to
 * its last stable offset of now. An answer without any may also come of a broker that is away, so
 * only the offset says that the end is reached.
 */
export async function* committedBatches(
  log: Log,
  place: TopicPartition,
  fromOffset = 0,
): AsyncGenerator<RecordBatch, void> {
  const [ends] = await log.admin.ends([place]);
  invariant(ends !== undefined, 'The ends of each partition are told.');
  const reader = log.openReader({ isolation: 'read-committed' });
  try {
    let offset = Math.max(fromOffset, ends.logStartOffset);
    while (offset < ends.lastStableOffset) {
      const [fetched] = await reader.fetch([{ ...place, offset }], fetchOptions);
      invariant(fetched !== undefined, 'Each partition is answered.');
      yield* fetched.batches;
      offset = fetched.nextOffset;
    }
  } finally {
    await reader.close();
  }
}
