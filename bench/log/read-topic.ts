import type { FetchedPartition, Log, Reader, TopicPartition } from '../../src/core/log/port.ts';
import type { RecordBatch } from '../../src/core/log/record-batch/record-batch.ts';

const fetchOptions = { maxWaitMs: 0, maxPartitionBytes: 4 * 1024 * 1024 };

export async function partitionsOf(log: Log, topic: string): Promise<readonly TopicPartition[]> {
  const described = await log.admin.describeTopics([topic]);
  const { partitions } = described.get(topic) ?? { partitions: 0 };
  return Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
}

/** Visits the committed batches of a partition from its start to its last stable offset. */
export async function readPartition(
  log: Log,
  partition: TopicPartition,
  visit: (batch: RecordBatch) => void,
): Promise<void> {
  const [ends] = await log.admin.ends([partition]);
  const reader = log.openReader({ isolation: 'read-committed' });
  let offset = ends?.logStartOffset ?? 0;
  for (;;) {
    const fetched = await fetchOne(reader, partition, offset);
    fetched.batches.forEach(visit);
    // Past the last data there may be a marker, which moves the offset once more.
    if (fetched.nextOffset === offset) break;
    offset = fetched.nextOffset;
  }
  await reader.close();
}

/** The committed batches of all partitions of a topic. */
export async function readTopic(log: Log, topic: string): Promise<readonly RecordBatch[]> {
  const batches: RecordBatch[] = [];
  for (const partition of await partitionsOf(log, topic)) {
    await readPartition(log, partition, (batch) => batches.push(batch));
  }
  return batches;
}

/** Whether no committed record of the partition lies at or behind the offset. */
export async function isAtEnd(log: Log, partition: TopicPartition, offset: number) {
  const reader = log.openReader({ isolation: 'read-committed' });
  const { batches } = await fetchOne(reader, partition, offset);
  await reader.close();
  return batches.every((batch) => batch.count === 0 || batch.offset(batch.count - 1) < offset);
}

async function fetchOne(
  reader: Reader,
  partition: TopicPartition,
  offset: number,
): Promise<FetchedPartition> {
  const [fetched] = await reader.fetch([{ ...partition, offset }], fetchOptions);
  if (fetched === undefined) throw new Error(`No answer for ${partition.topic}.`);
  return fetched;
}
