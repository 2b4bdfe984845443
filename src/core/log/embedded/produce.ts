import type { ProduceReceipt, TopicPartition } from '../port.ts';
import { headerBytes, readBatchHeader, type BatchHeader } from '../record-batch/batch-header.ts';
import { VarintReader } from '../record-batch/varint.ts';
import { producerFenced, recordTooLarge } from './broker-errors.ts';
import type { PartitionLog } from './partition-log.ts';
import type { TopicCatalogue } from './topic-catalogue.ts';
import type { ProducerIdentity, Transactions } from './transactions.ts';

/** A finished batch. The log keeps the buffer: who hands it in must not touch it any more. */
export interface BatchToAppend extends TopicPartition {
  readonly bytes: Buffer;
}

export interface ProduceTarget {
  readonly topics: TopicCatalogue;
  readonly transactions: Transactions;
}

interface CheckedBatch {
  readonly place: TopicPartition;
  readonly partition: PartitionLog;
  readonly header: BatchHeader;
  readonly bytes: Buffer;
  /** Of the batch that this one repeats. */
  readonly repeatedOffset: number | null;
}

/** Everything is checked before anything is appended. */
export function appendAll(
  identity: ProducerIdentity,
  batches: readonly BatchToAppend[],
  target: ProduceTarget,
): readonly ProduceReceipt[] {
  if (identity.transactionalId !== null) target.transactions.checkEpoch(identity);
  const checked = batches.map((batch) => check(identity, batch, target));
  if (identity.transactionalId !== null) {
    const partitions = checked.map(({ partition }) => partition);
    target.transactions.addPartitions(identity, partitions);
  }
  return checked.map(({ place, partition, header, bytes, repeatedOffset }) => ({
    topic: place.topic,
    partition: place.partition,
    baseOffset: repeatedOffset ?? partition.append(header, bytes),
  }));
}

function check(
  identity: ProducerIdentity,
  { topic, partition, bytes }: BatchToAppend,
  { topics }: ProduceTarget,
): CheckedBatch {
  const place = { topic, partition };
  const { maxMessageBytes: maxBytes } = topics.topicToWrite(topic).description;
  const log = topics.partition(place);
  const header = readBatchHeader(bytes, 0, place);
  if (header.producerEpoch < identity.producerEpoch) {
    const producer = `producer '${identity.transactionalId ?? identity.producerId}'`;
    throw producerFenced(producer, header.producerEpoch, identity.producerEpoch);
  }
  // A batch within the limit has no record above it: the walk is for the others.
  if (bytes.length > maxBytes) checkRecordSizes(bytes, place, maxBytes);
  const repeatedOffset = log.sequences.check(header);
  return { place, partition: log, header, bytes, repeatedOffset };
}

function checkRecordSizes(bytes: Buffer, place: TopicPartition, maxBytes: number): void {
  const reader = new VarintReader(bytes, headerBytes, place);
  while (reader.position < bytes.length) {
    const length = reader.int();
    if (length > maxBytes) throw recordTooLarge(place, length, maxBytes);
    reader.position += length;
  }
}
