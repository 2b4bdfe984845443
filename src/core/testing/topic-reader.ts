import type { EmbeddedBroker } from '../log/embedded/broker.ts';
import type { FetchedPartition } from '../log/port.ts';
import { partitionName } from '../log/partition-name.ts';
import { readRecord, type TopicSerdes } from '../log/topic-records.ts';
import type { StreamRecord } from '../model/record.ts';
import type { Serde } from '../serde/serde.ts';
import type { Topology } from '../topology/plan.ts';
import { type Steps, wait } from './steps.ts';

const maxPartitionBytes = 1024 * 1024;
const options = { isolation: 'read-committed', maxPartitionBytes } as const;

type AnySerdes = TopicSerdes<unknown, unknown>;

/** Bytes as they are: for topics that no node writes with a serde, such as dead letters. */
const plain: Serde<unknown> = {
  format: 'bytes',
  version: 1,
  serialize: (value) => value as Uint8Array, // never called: topics are only read here
  deserialize: (bytes) => Uint8Array.from(bytes),
};

/** Reads topics as the topology writes them: committed records, by partition and offset. */
export class TopicReader {
  /** Next offset by topic and partition. */
  private readonly positions = new Map<string, number>();

  constructor(
    private readonly topology: Topology,
    private readonly broker: EmbeddedBroker,
  ) {}

  /** What was committed since the last call. */
  *readNew(topic: string): Steps<StreamRecord<unknown, unknown>[]> {
    const records: StreamRecord<unknown, unknown>[] = [];
    const serdes = this.serdesOf(topic);
    for (const fetched of yield* this.fetchAll(topic, this.positions)) {
      records.push(...recordsOf(fetched, serdes));
    }
    return records;
  }

  /** The last value of each key; keys that are objects are those of the last record. */
  *readTable(topic: string): Steps<Map<unknown, unknown>> {
    const serdes = this.serdesOf(topic);
    const rows = new Map<string, StreamRecord<unknown, unknown>>();
    for (const fetched of yield* this.fetchAll(topic, new Map())) {
      for (const { identity, record } of keyed(fetched, serdes)) {
        rows.delete(identity);
        if (record.value !== null) rows.set(identity, record);
      }
    }
    return new Map([...rows.values()].map(({ key, value }) => [key, value]));
  }

  private *fetchAll(topic: string, positions: Map<string, number>): Steps<FetchedPartition[]> {
    const described = yield* wait(this.broker.describeTopics([topic]));
    const count = described.get(topic)?.partitions ?? 0;
    const all: FetchedPartition[] = [];
    for (let partition = 0; partition < count; partition += 1) {
      const name = partitionName({ topic, partition });
      for (;;) {
        const offset = positions.get(name) ?? 0;
        const request = { topic, partition, offset };
        const [fetched] = yield* wait(this.broker.fetch([request], options));
        if (fetched === undefined || fetched.nextOffset === offset) break;
        all.push(fetched);
        positions.set(name, fetched.nextOffset);
      }
    }
    return all;
  }

  private serdesOf(topic: string): AnySerdes {
    const { nodes, deadLetterTopic } = this.topology;
    if (topic === deadLetterTopic) return { key: plain, value: plain };
    const writers = nodes.filter((node) => node.type === 'sink');
    const readers = nodes.filter((node) => node.type === 'source' || node.type === 'global');
    return (
      writers.find((node) => node.topic === topic) ??
      readers.find((node) => node.topic === topic) ??
      writers.find((node) => typeof node.topic === 'function') ?? { key: plain, value: plain }
    );
  }
}

function recordsOf(fetched: FetchedPartition, serdes: AnySerdes) {
  return keyed(fetched, serdes).map(({ record }) => record);
}

function keyed({ batches }: FetchedPartition, serdes: AnySerdes) {
  return batches.flatMap((batch) =>
    Array.from({ length: batch.count }, (_, index) => {
      const key = batch.key(index);
      const record = readRecord(batch, index, serdes);
      return { identity: key === null ? '' : `k${key.toString('latin1')}`, record };
    }),
  );
}
