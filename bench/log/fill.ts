import { createRecordBatchBuilder } from '../../src/core/log/record-batch/encode-batch.ts';
import type { RecordBatchBuilder } from '../../src/core/log/record-batch/record-batch-builder.ts';
import type { Log, Writer } from '../../src/core/log/port.ts';
import { type Headers, noHeaders } from '../../src/core/model/headers.ts';
import type { DataSet } from '../data/data-set.ts';
import { partitionOf } from '../data/digest.ts';

export interface InputRecord {
  readonly key: string | Uint8Array;
  readonly value: string | null;
  readonly timestamp: number;
  readonly headers?: Headers;
}

export interface InputTopic {
  readonly topic: string;
  readonly partitions: number;
  readonly records: Iterable<InputRecord>;
  /** Default 1,000. */
  readonly maxBatchRecords?: number;
}

/** Creates a topic and appends the records, spread over its partitions by their keys. */
export async function fillTopic(log: Log, input: InputTopic): Promise<void> {
  const { topic, partitions, records, maxBatchRecords = 1_000 } = input;
  await log.admin.createTopics([{ topic, partitions, cleanup: 'delete', settings: {} }]);
  const writer = await log.openWriter({ transactionalId: null, transactionTimeoutMs: 30_000 });
  const open = new Map<number, RecordBatchBuilder>();
  for (const { key, value, timestamp, headers = noHeaders } of records) {
    const partition = partitionOf(key, partitions);
    const batch = open.get(partition) ?? createRecordBatchBuilder();
    open.set(partition, batch);
    batch.append(timestamp, key, value, headers);
    if (batch.count >= maxBatchRecords) await flush(writer, topic, open);
  }
  await flush(writer, topic, open);
  await writer.close();
}

export function* recordsOf(dataSet: DataSet, fromIndex: number, toIndex: number) {
  for (let index = fromIndex; index < toIndex; index++) yield dataSet.record(index);
}

async function flush(writer: Writer, topic: string, open: Map<number, RecordBatchBuilder>) {
  const batches = [...open].map(([partition, batch]) => ({ topic, partition, batch }));
  open.clear();
  if (batches.length > 0) await writer.produce(batches);
}
