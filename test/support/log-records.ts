import type { Log } from '../../src/core/log/port.ts';
import { produce } from '../../src/core/log/topic-records.ts';
import { string } from '../../src/core/serde/string.ts';

export interface TextRecord {
  readonly key: string | null;
  readonly value: string | null;
  readonly timestamp: number;
}

/** Appends records by key, as another application's producer would. */
export async function feed(log: Log, topic: string, records: readonly TextRecord[]): Promise<void> {
  await produce(log, topic, { key: string(), value: string() }, records);
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
