import { defaultPartition } from '../../src/core/log/murmur2.ts';
import type { Log } from '../../src/core/log/port.ts';
import { createRecordBatchBuilder } from '../../src/core/log/record-batch/encode-batch.ts';
import { noHeaders } from '../../src/core/model/headers.ts';

export interface TextRecord {
  readonly key: string | null;
  readonly value: string | null;
  readonly timestamp: number;
}

/** Appends records by key, as another application's producer would. */
export async function feed(log: Log, topic: string, records: readonly TextRecord[]): Promise<void> {
  const described = await log.admin.describeTopics([topic]);
  const count = described.get(topic)?.partitions ?? 1;
  const writer = await log.openWriter({ transactionalId: null, transactionTimeoutMs: 30_000 });
  for (let partition = 0; partition < count; partition += 1) {
    const batch = createRecordBatchBuilder();
    for (const { key, value, timestamp } of records) {
      const own = key === null ? 0 : defaultPartition(Buffer.from(key, 'utf8'), count);
      if (own === partition) batch.append(timestamp, key, value, noHeaders);
    }
    if (batch.count > 0) await writer.produce([{ topic, partition, batch }]);
  }
  await writer.close();
}

export interface LogRecord {
  readonly partition: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestamp: number;
}

/** All committed records of a topic, by partition and offset. */
export async function readAll(log: Log, topic: string): Promise<LogRecord[]> {
  const described = await log.admin.describeTopics([topic]);
  const reader = log.openReader({ isolation: 'read-committed' });
  const records: LogRecord[] = [];
  for (let partition = 0; partition < (described.get(topic)?.partitions ?? 0); partition += 1) {
    let offset = 0;
    for (;;) {
      const options = { maxWaitMs: 0, maxPartitionBytes: 1024 * 1024 };
      const [fetched] = await reader.fetch([{ topic, partition, offset }], options);
      if (fetched === undefined || fetched.nextOffset === offset) break;
      for (const batch of fetched.batches) {
        for (let index = 0; index < batch.count; index += 1) {
          const key = batch.key(index);
          const value = batch.value(index);
          records.push({ partition, key, value, timestamp: batch.timestamp(index) });
        }
      }
      offset = fetched.nextOffset;
    }
  }
  await reader.close();
  return records;
}
