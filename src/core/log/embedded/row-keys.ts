import type { TopicPartition } from '../port.ts';

/**
 * Keys of the directory's rows. `!` sorts before every character of a topic's name, so one topic's
 * rows lie together; numbers are padded, so that they sort as numbers.
 */
export const rowPrefix = {
  topic: 'topic!',
  partition: 'partition!',
  header: 'header!',
  batch: 'batch!',
  producer: 'producer!',
  offset: 'offset!',
} as const;

export const formatRow = 'format';
export const nextProducerIdRow = 'next-producer-id';
export const nextTopicIdRow = 'next-topic-id';

export function topicRow(topic: string): string {
  return rowPrefix.topic + topic;
}

export function partitionRow({ topic, partition }: TopicPartition): string {
  return `${rowPrefix.partition}${topic}!${String(partition).padStart(6, '0')}`;
}

/** Prefix of the batch headers of a partition. */
export function headerRows({ topic, partition }: TopicPartition): string {
  return `${rowPrefix.header}${topic}!${String(partition).padStart(6, '0')}!`;
}

export function headerRow(place: TopicPartition, baseOffset: number): string {
  return headerRows(place) + paddedOffset(baseOffset);
}

export function batchRow({ topic, partition }: TopicPartition, baseOffset: number): string {
  const padded = String(partition).padStart(6, '0');
  return `${rowPrefix.batch}${topic}!${padded}!${paddedOffset(baseOffset)}`;
}

export function producerRow(transactionalId: string): string {
  return rowPrefix.producer + hexOf(transactionalId);
}

export function offsetRow(group: string, { topic, partition }: TopicPartition): string {
  return `${rowPrefix.offset}${hexOf(group)}!${topic}!${partition}`;
}

/** Reverses `producerRow`: the transactional id. */
export function transactionalIdOf(row: string): string {
  return textOf(row.slice(rowPrefix.producer.length));
}

/** Reverses `offsetRow`. */
export function offsetPlaceOf(row: string): TopicPartition & { readonly group: string } {
  const [group = '', topic = '', partition = ''] = row.slice(rowPrefix.offset.length).split('!');
  return { group: textOf(group), topic, partition: Number(partition) };
}

function paddedOffset(offset: number): string {
  return offset.toString(16).padStart(14, '0');
}

/** Groups and transactional ids may hold any character. */
function hexOf(text: string): string {
  return Buffer.from(text).toString('hex');
}

function textOf(hex: string): string {
  return Buffer.from(hex, 'hex').toString();
}
