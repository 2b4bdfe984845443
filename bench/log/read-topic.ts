import { committedBatches } from '../../src/core/log/committed-batches.ts';
import type { Log, TopicPartition } from '../../src/core/log/port.ts';
import type { RecordBatch } from '../../src/core/log/record-batch/record-batch.ts';

export async function partitionsOf(log: Log, topic: string): Promise<readonly TopicPartition[]> {
  const described = await log.admin.describeTopics([topic]);
  const { partitions } = described.get(topic) ?? { partitions: 0 };
  return Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
}

/** The committed batches of all partitions of a topic. */
export async function readTopic(log: Log, topic: string): Promise<readonly RecordBatch[]> {
  const batches: RecordBatch[] = [];
  for (const partition of await partitionsOf(log, topic)) {
    for await (const batch of committedBatches(log, partition)) batches.push(batch);
  }
  return batches;
}

/** Whether no record of the partition, committed or undecided, lies at or behind the offset. */
export async function isAtEnd(log: Log, partition: TopicPartition, offset: number) {
  if ((await undecided(log, [partition])).length > 0) return false;
  for await (const batch of committedBatches(log, partition, offset)) {
    if (batch.count > 0 && batch.offset(batch.count - 1) >= offset) return false;
  }
  return true;
}

/** Partitions with an open transaction, or one that is decided and not yet marked so. */
export async function undecided(
  log: Log,
  partitions: readonly TopicPartition[],
): Promise<readonly TopicPartition[]> {
  const ends = await log.admin.ends(partitions);
  return partitions.filter((_, index) => {
    const { lastStableOffset, logEndOffset } = ends[index] ?? {};
    return lastStableOffset !== logEndOffset;
  });
}
