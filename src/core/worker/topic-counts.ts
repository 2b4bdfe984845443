import type { Admin } from '../log/port.ts';
import { LogError, WorkerError } from '../model/errors.ts';

/** Of a topic whose own limit is not known. Kafka's default is a little more. */
const defaultMaxMessageBytes = 1_000_000;

/** What tasks have to know of the topics they write to. */
export class TopicCounts {
  private readonly counts: Map<string, number>;
  private readonly maxBytes = new Map<string, number>();
  private readonly asked = new Set<string>();
  private readonly unknown = new Set<string>();

  constructor(
    private readonly admin: Admin,
    known: ReadonlyMap<string, number>,
  ) {
    this.counts = new Map(known);
  }

  /**
   * A topic that no name in the plan announced is asked for between two lives of the tasks, since a
   * record cannot wait for it: the tasks go back to their last commit once.
   *
   * @throws {LogError} `TOPIC_MISSING`, retriable, the first time
   * @throws {WorkerError} `TOPIC_MISSING` once the log said that it does not exist
   */
  partitionsOf(topic: string): number {
    const count = this.counts.get(topic);
    if (count !== undefined) return count;
    const message = `The topic '${topic}' does not exist. Create it, or correct the name.`;
    if (this.asked.has(topic))
      throw new WorkerError('TOPIC_MISSING', message, { where: { topic } });
    this.unknown.add(topic);
    throw new LogError('retriable', 'TOPIC_MISSING', message, { where: { topic } });
  }

  /** The largest batch that a topic takes. */
  maxMessageBytesOf(topic: string): number {
    return this.maxBytes.get(topic) ?? defaultMaxMessageBytes;
  }

  async lookUp(topics: readonly string[]): Promise<void> {
    if (topics.length === 0) return;
    const described = await this.admin.describeTopics(topics);
    for (const { topic, partitions, maxMessageBytes } of described.values()) {
      this.counts.set(topic, partitions);
      this.maxBytes.set(topic, maxMessageBytes);
    }
    for (const topic of topics) this.asked.add(topic);
  }

  async lookUpMissing(): Promise<void> {
    const topics = [...this.unknown];
    this.unknown.clear();
    await this.lookUp(topics);
  }
}
