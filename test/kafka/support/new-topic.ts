import type { Log, TopicPartition } from '../../../src/core/log/port.ts';
import { uniqueName } from './each-kafka.ts';

/** A topic of one's own with these settings; the second of its two partitions. */
export async function newTopic(
  log: Log,
  settings: Readonly<Record<string, string>> = {},
): Promise<TopicPartition> {
  const topic = uniqueName('topic');
  await log.admin.createTopics([{ topic, partitions: 2, cleanup: 'delete', settings }]);
  return { topic, partition: 1 };
}
