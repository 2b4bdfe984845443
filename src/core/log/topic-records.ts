import { type Headers, noHeaders } from '../model/headers.ts';
import type { StreamRecord } from '../model/record.ts';
import { keyBytes } from '../serde/key-identity.ts';
import { preparation } from '../serde/preparation.ts';
import type { Serde } from '../serde/serde.ts';
import { committedBatches } from './committed-batches.ts';
import { defaultPartition } from './murmur2.ts';
import type { Log } from './port.ts';
import { createRecordBatchBuilder } from './record-batch/encode-batch.ts';
import type { RecordBatch } from './record-batch/record-batch.ts';
import type { RecordBatchBuilder } from './record-batch/record-batch-builder.ts';

export interface TopicSerdes<K, V> {
  readonly key: Serde<K>;
  readonly value: Serde<V>;
}

/** A record for `produce`; `null` is the absent key or value. */
export interface RecordToProduce<K, V> {
  readonly key: K | null;
  readonly value: V | null;
  /** Event time, integer milliseconds since the epoch. */
  readonly timestamp: number;
  readonly headers?: Headers;
}

/** A batch is sent before it grows beyond this. */
const maxBatchBytes = 512 * 1024;

/**
 * Appends records to a topic as another application's producer would: each to the partition of its
 * key, those without a key to partition 0. For feeding a log in scripts and tests.
 *
 * @example
 * ```ts
 * const log = embedded();
 * const serdes = { key: string(), value: int64() };
 * await produce(log, 'clicks', serdes, [{ key: 'ann', value: 1, timestamp: 0 }]);
 * const records = await readCommitted(log, 'clicks', serdes);
 * records.map(({ key, value }) => [key, value]); // => [['ann', 1]]
 * ```
 * @throws {LogError} `TOPIC_MISSING`, `RECORD_TOO_LARGE`
 * @throws {SerdeError} what the serdes throw
 */
export async function produce<K, V>(
  log: Log,
  topic: string,
  { key, value }: TopicSerdes<K, V>,
  records: Iterable<RecordToProduce<K, V>>,
): Promise<void> {
  const described = await log.admin.describeTopics([topic]);
  const count = described.get(topic)?.partitions ?? 1;
  const batches = new Map<number, RecordBatchBuilder>();
  const writer = await log.openWriter({ transactionalId: null, transactionTimeoutMs: 0 });
  const send = async (partition: number, batch: RecordBatchBuilder) => {
    batches.delete(partition);
    await writer.produce([{ topic, partition, batch }]);
  };
  try {
    for (const record of records) {
      const ownKey = record.key === null ? null : keyBytes(key, record.key);
      const ownValue = record.value === null ? null : value.serialize(record.value);
      const hashed = ownKey === null ? null : (key.partitionBytes?.(ownKey) ?? ownKey);
      const partition = hashed === null ? 0 : defaultPartition(hashed, count);
      const batch = batches.get(partition) ?? createRecordBatchBuilder();
      batches.set(partition, batch);
      batch.append(record.timestamp, ownKey, ownValue, record.headers ?? noHeaders);
      if (batch.byteLength > maxBatchBytes) await send(partition, batch);
    }
    for (const [partition, batch] of batches) await send(partition, batch);
  } finally {
    await writer.close();
  }
}

/** All committed records that a topic holds now, by partition and offset. */
export async function readCommitted<K, V>(
  log: Log,
  topic: string,
  serdes: TopicSerdes<K, V>,
): Promise<StreamRecord<K | null, V | null>[]> {
  const described = await log.admin.describeTopics([topic]);
  const records: StreamRecord<K | null, V | null>[] = [];
  const prepare = preparation(serdes.key, serdes.value);
  for (let partition = 0; partition < (described.get(topic)?.partitions ?? 0); partition += 1) {
    for await (const batch of committedBatches(log, { topic, partition })) {
      for (let index = 0; index < batch.count; index += 1) {
        await prepare?.(batch.key(index), batch.value(index));
        records.push(readRecord(batch, index, serdes));
      }
    }
  }
  return records;
}

/** One record of a batch, decoded. */
export function readRecord<K, V>(
  batch: RecordBatch,
  index: number,
  serdes: TopicSerdes<K, V>,
): StreamRecord<K | null, V | null> {
  const key = batch.key(index);
  const value = batch.value(index);
  return {
    key: key === null ? null : serdes.key.deserialize(key),
    value: value === null ? null : serdes.value.deserialize(value),
    timestamp: batch.timestamp(index),
    headers: batch.headers(index),
  };
}
