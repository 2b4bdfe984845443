import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noHeaders } from '../../src/core/model/headers.ts';
import type {
  Log,
  PartitionBatch,
  Reader,
  TopicPartition,
  Writer,
} from '../../src/core/log/port.ts';
import { createRecordBatchBuilder } from '../../src/core/log/record-batch/encode-batch.ts';
import type { RecordBatch } from '../../src/core/log/record-batch/record-batch.ts';
import type { RecordBatchBuilder } from '../../src/core/log/record-batch/record-batch-builder.ts';

/** A place to read and write at, where a test needs no more than one. */
export const PLACE = { topic: 'orders', partition: 0 } as const;

/** Of no group at all, as a tool would commit. */
export const NO_MEMBER = { group: 'app', generation: -1, memberId: '' } as const;

export const ALL_BYTES = { maxWaitMs: 0, maxPartitionBytes: 2 ** 30 } as const;

export type Isolation = 'read-committed' | 'read-uncommitted';

/** `['a=1', 'b']` are a record with key and value and a tombstone; all of time 1000. */
export function builderOf(records: readonly string[], timestamp = 1000): RecordBatchBuilder {
  const builder = createRecordBatchBuilder();
  for (const record of records) {
    const [key = '', value = null] = record.split('=');
    builder.append(timestamp, key === '' ? null : key, value, noHeaders);
  }
  return builder;
}

export function batchAt(place: TopicPartition, ...records: readonly string[]): PartitionBatch {
  return { ...place, batch: builderOf(records) };
}

export const batchOf = (...records: readonly string[]) => batchAt(PLACE, ...records);

/** The records of a batch from `offset` on, as `offset:key=value`. */
export function recordsOf(batch: RecordBatch, offset = 0): string[] {
  const records: string[] = [];
  for (let index = 0; index < batch.count; index++) {
    if (batch.offset(index) < offset) continue;
    const value = batch.value(index);
    const text = `${batch.offset(index)}:${batch.key(index)?.toString() ?? ''}`;
    records.push(value === null ? text : `${text}=${value.toString()}`);
  }
  return records;
}

/** Reads on until nothing more comes. */
export async function drain(reader: Reader, place: TopicPartition = PLACE, from = 0) {
  const records: string[] = [];
  for (let offset = from; ;) {
    const [fetched] = await reader.fetch([{ ...place, offset }], ALL_BYTES);
    if (fetched === undefined || fetched.nextOffset === offset) return { records, offset };
    for (const batch of fetched.batches) records.push(...recordsOf(batch, offset));
    offset = fetched.nextOffset;
  }
}

export async function recordsIn(log: Log, isolation: Isolation = 'read-committed', from = 0) {
  return (await drain(log.openReader({ isolation }), PLACE, from)).records;
}

export function openWriter(log: Log, transactionalId: string | null): Promise<Writer> {
  return log.openWriter({ transactionalId, transactionTimeoutMs: 60_000 });
}

/** One transaction, whole. */
export async function commitAll(log: Log, ...records: readonly string[]): Promise<void> {
  const writer = await openWriter(log, 'setup');
  await writer.produce([batchOf(...records)]);
  await writer.commit();
  await writer.close();
}

const temporary: string[] = [];

process.once('exit', () => {
  for (const directory of temporary) rmSync(directory, { recursive: true, force: true });
});

/** Is removed when the process ends. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-'));
  temporary.push(directory);
  return directory;
}
