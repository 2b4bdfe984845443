import { defaultPartition } from '../log/murmur2.ts';
import { MillraceError, ProcessingError, SerdeError } from '../model/errors.ts';
import { messageOf } from '../model/message-of.ts';
import type { StreamRecord } from '../model/record.ts';
import type { Serde } from '../serde/serde.ts';
import { isEngineTopic } from '../topology/names.ts';
import type { Partitioner } from '../topology/plan.ts';
import type { Processor } from '../topology/processor.ts';
import type { OutputCollector, PartitionOutputHandle } from './output-collector.ts';

export interface SinkOptions {
  readonly application: string;
  readonly name: string;
  /** Null where the record decides: then `topicOf` does. */
  readonly topic: string | null;
  readonly topicOf: (value: unknown, key: unknown) => string;
  readonly key: Serde<unknown>;
  readonly value: Serde<unknown>;
  readonly partitioner: Partitioner | null;
  readonly collector: OutputCollector;
  readonly partitionsOf: (topic: string) => number;
  /** Takes the records without a key, modulo the partition count. */
  readonly taskPartition: number;
  readonly onWritten: () => void;
}

/** Serialises records and collects them for the commit: of a sink, or of a repartition. */
export function sinkProcessor(options: SinkOptions): Processor<unknown, unknown> {
  const { topic, topicOf, collector, onWritten } = options;
  const write = recordWriter(options);
  const writers = new Map<string, ReturnType<typeof write>>();
  const writerOf = (name: string) => {
    const known = writers.get(name);
    if (known !== undefined) return known;
    if (typeof name !== 'string' || name === '') throw noTopic(options, name);
    if (topic === null) checkNotOurs(options, name);
    const writer = write(name);
    writers.set(name, writer);
    return writer;
  };
  const fixed = topic === null ? null : writerOf(topic);
  return {
    process(record) {
      const writer = fixed ?? writerOf(topicOf(record.value, record.key));
      const key = serialized(options, 'key', record.key);
      const value = serialized(options, 'value', record.value);
      const output = writer(record, key);
      collector.append(output, record, key, value);
      onWritten();
    },
  };
}

/** The engine's own topics are refused by name in the plan; a selector's answer only here. */
function checkNotOurs({ application, name }: SinkOptions, topic: string): void {
  if (!topic.startsWith(`${application}-`) || !isEngineTopic(topic)) return;
  throw new SerdeError(
    'BAD_NAME',
    `Node '${name}' may not write to '${topic}': it has the name of one of the engine's own ` +
      'topics. Let the topic selector choose another.',
    { where: { node: name, topic } },
  );
}

/** For each topic, the function that finds a record's partition. */
function recordWriter(options: SinkOptions) {
  const { collector, partitionsOf, partitioner, taskPartition, name } = options;
  return (topic: string) => {
    const count = partitionsOf(topic);
    const outputs: PartitionOutputHandle[] = [];
    const outputOf = (partition: number) =>
      (outputs[partition] ??= collector.outputOf(topic, partition));
    return (record: StreamRecord<unknown, unknown>, key: Uint8Array | string | null) => {
      if (partitioner !== null) {
        const partition = partitioner.partition(record.key, record.value, count);
        if (Number.isInteger(partition) && partition >= 0 && partition < count) {
          return outputOf(partition);
        }
        throw new SerdeError(
          'SERIALIZATION',
          `Partitioner '${partitioner.name}' gave ${partition} for '${topic}', which has ` +
            `${count} partitions (node '${name}'). Give a whole number from 0 to ${count - 1}.`,
          { where: { node: name, topic } },
        );
      }
      if (key === null) return outputOf(taskPartition % count);
      return outputOf(count === 1 ? 0 : partitionOfKey(options.key, key, count));
    };
  };
}

/** Kafka's default partitioner; windowed keys by their inner key, as the serde says. */
function partitionOfKey(serde: Serde<unknown>, key: Uint8Array | string, count: number): number {
  const hashed = typeof key === 'string' ? key : (serde.partitionBytes?.(key) ?? key);
  return defaultPartition(hashed, count);
}

function serialized(
  { name, topic, key, value }: SinkOptions,
  part: 'key' | 'value',
  data: unknown,
): Uint8Array | string | null {
  if (data === null) return null;
  try {
    return (part === 'key' ? key : value).serialize(data);
  } catch (cause) {
    // It says all that is said here.
    if (cause instanceof MillraceError && cause.where.node === name) throw cause;
    const code = cause instanceof MillraceError ? cause.code : 'SERIALIZATION';
    const reason = messageOf(cause);
    throw new SerdeError(
      code,
      `Cannot serialize the ${part} for '${topic ?? 'a topic of its own'}' ` +
        `(node '${name}'): ${reason}. Give the node a serde that takes such a ${part}.`,
      { where: { node: name, ...(topic === null ? {} : { topic }) }, cause },
    );
  }
}

function noTopic({ name }: SinkOptions, topic: unknown): ProcessingError {
  const given = typeof topic === 'string' ? 'an empty text' : String(topic);
  return new ProcessingError(
    'UNDEFINED_VALUE',
    `The topic selector of '${name}' gave ${given}. Return the name of a topic for each record.`,
    { where: { node: name } },
  );
}
