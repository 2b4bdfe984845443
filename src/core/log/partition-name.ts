import type { TopicPartition } from './port.ts';

/** One text for one partition, as a key in memory: topic names have no `:`. */
export function partitionName({ topic, partition }: TopicPartition): string {
  return `${topic}:${partition}`;
}
