import { isEngineTopic } from '../../topology/names.ts';
import type { NewTopic, TopicDescription, TopicPartition } from '../port.ts';
import {
  badPartitionCount,
  badTopicName,
  partitionMissing,
  topicMissing,
} from './broker-errors.ts';
import type { LogStorage } from './log-storage.ts';
import { PartitionLog } from './partition-log.ts';
import { nextTopicIdRow, topicRow } from './row-keys.ts';

export interface Topic {
  readonly description: TopicDescription;
  readonly settings: ReadonlyMap<string, string>;
  readonly partitions: readonly PartitionLog[];
}

/** As it is kept. Those of earlier versions have no id. */
export interface TopicRow extends NewTopic {
  readonly id?: string;
}

const maxPartitions = 100_000;

/** The topics of a log. */
export class TopicCatalogue {
  private readonly topics = new Map<string, Topic>();
  private nextId = 1;

  constructor(
    private readonly storage: LogStorage,
    /** Partitions of a user topic that is made on its first use; the largest batch of any. */
    private readonly defaults: { readonly partitions: number; readonly maxMessageBytes: number },
  ) {}

  all(): IterableIterator<Topic> {
    return this.topics.values();
  }

  /** @throws {LogError} `TOPIC_MISSING`. */
  topic(name: string): Topic {
    const topic = this.topics.get(name);
    if (topic === undefined) throw topicMissing(name);
    return topic;
  }

  /** @throws {LogError} `TOPIC_MISSING`. */
  partition(place: TopicPartition): PartitionLog {
    const { partitions } = this.topic(place.topic);
    const partition = partitions[place.partition];
    if (partition === undefined) throw partitionMissing(place, partitions.length);
    return partition;
  }

  /** As `topic`; a user topic that is not there is made. @throws {LogError} `BAD_NAME` too. */
  topicToWrite(name: string): Topic {
    const topic = this.findOrCreate(name);
    if (topic === null) throw topicMissing(name);
    return topic;
  }

  /** Null: an internal topic that does not exist. @throws {LogError} `BAD_NAME`. */
  findOrCreate(name: string): Topic | null {
    const known = this.topics.get(name);
    if (known !== undefined) return known;
    // Such a topic belongs to an application: a missing one is an error, never made.
    if (isEngineTopic(name)) return null;
    const { partitions } = this.defaults;
    return this.create({ topic: name, partitions, cleanup: 'delete', settings: {} });
  }

  /** One that exists is left as it is. @throws {LogError} `BAD_NAME`, `BAD_OPTION`. */
  create(topic: NewTopic): Topic {
    const known = this.topics.get(topic.topic);
    if (known !== undefined) return known;
    const row: TopicRow = { ...topic, id: String(this.nextId) };
    const created = this.reload(row);
    this.nextId += 1;
    this.storage.putRow(nextTopicIdRow, String(this.nextId));
    this.storage.putRow(topicRow(topic.topic), JSON.stringify(row));
    return created;
  }

  /** With all it holds; nothing to do for one that is not there. */
  delete(name: string): void {
    const topic = this.topics.get(name);
    if (topic === undefined) return;
    this.topics.delete(name);
    this.storage.deleteRow(topicRow(name));
    for (const partition of topic.partitions) partition.delete();
  }

  /** A topic of an earlier life. */
  reload({ topic, partitions, cleanup, settings, ...row }: TopicRow): Topic {
    check(topic, partitions);
    const id = row.id ?? null;
    const maxMessageBytes = Number(settings['max.message.bytes'] ?? this.defaults.maxMessageBytes);
    const created: Topic = {
      description: Object.freeze({ topic, id, partitions, cleanup, maxMessageBytes }),
      settings: new Map(Object.entries(settings)),
      partitions: Array.from(
        { length: partitions },
        (_, partition) => new PartitionLog({ topic, partition }, this.storage),
      ),
    };
    this.topics.set(topic, created);
    return created;
  }

  reloadNextId(next: number): void {
    this.nextId = next;
  }
}

function check(topic: string, partitions: number): void {
  // Kafka's rule alone: '__proto__' is a name here.
  const isName = /^[a-zA-Z0-9._-]{1,249}$/.test(topic) && topic !== '.' && topic !== '..';
  if (!isName) throw badTopicName(topic);
  if (Number.isInteger(partitions) && partitions >= 1 && partitions <= maxPartitions) return;
  throw badPartitionCount(topic, partitions);
}
