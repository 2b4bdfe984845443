import { LogError } from '../../model/errors.ts';
import type { TopicPartition } from '../port.ts';

function named({ topic, partition }: TopicPartition): string {
  return `'${topic}', partition ${partition}`;
}

export function topicMissing(topic: string): LogError {
  return new LogError(
    'fatal',
    'TOPIC_MISSING',
    `Topic '${topic}' does not exist. Create it, or correct the name.`,
    { where: { topic } },
  );
}

export function partitionMissing(place: TopicPartition, partitions: number): LogError {
  return new LogError(
    'fatal',
    'TOPIC_MISSING',
    `${named(place)} does not exist: the topic has ${partitions} partition(s). Correct the number.`,
    { where: place },
  );
}

export function badTopicName(topic: string): LogError {
  return new LogError(
    'fatal',
    'BAD_NAME',
    `'${topic}' is no name for a topic. Use 1 to 249 of A-Z a-z 0-9 . _ -, but not '.' or '..'.`,
    { where: { topic } },
  );
}

export function badPartitionCount(topic: string, partitions: number): LogError {
  return new LogError(
    'fatal',
    'BAD_OPTION',
    `Topic '${topic}' cannot have ${partitions} partitions. Ask for 1 to 100,000.`,
    { where: { topic } },
  );
}

export function recordTooLarge(place: TopicPartition, bytes: number, maxBytes: number): LogError {
  return new LogError(
    'fatal',
    'RECORD_TOO_LARGE',
    `A record of ${bytes} bytes for ${named(place)} is above the limit of ${maxBytes}. ` +
      'Write less per record, or raise `max.message.bytes` of the topic.',
    { where: place },
  );
}

export function outOfOrderSequence(
  place: TopicPartition,
  sequence: number,
  expected: number,
): LogError {
  return new LogError(
    'abort-and-reinitialise',
    'OUT_OF_ORDER_SEQUENCE',
    `A batch for ${named(place)} has sequence ${sequence} where ${expected} is due. ` +
      'Discard the producer and open a new one.',
    { where: place },
  );
}

export function producerFenced(producer: string, epoch: number, current: number): LogError {
  return new LogError(
    'fenced',
    'PRODUCER_FENCED',
    `Epoch ${epoch} of ${producer} is over, it is at ${current}: another worker took over, ` +
      'or its transaction timed out. Close its tasks.',
  );
}

export function transactionState(producer: string, problem: string): LogError {
  return new LogError(
    'abort-and-reinitialise',
    'TRANSACTION_STATE',
    `${producer} ${problem}. Discard the producer and open a new one.`,
  );
}
