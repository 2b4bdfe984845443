import { partitionsOf } from '../../bench/log/read-topic.ts';
import { committedBatches } from '../../src/core/log/committed-batches.ts';
import type { Log, TopicPartition } from '../../src/core/log/port.ts';
import type { RecordBatch } from '../../src/core/log/record-batch/record-batch.ts';
import { finalOutputs, orderedOutputs } from './topology.ts';

/** How the records of a section may differ between runs. */
export type SectionKind =
  /** Output of tasks that read user topics: every record, in order. */
  | 'ordered'
  /** Output and state behind a repartition topic: what is left per key. */
  | 'final'
  /** State of tasks that read user topics. */
  | 'state';

export interface Section {
  readonly kind: SectionKind;
  readonly lines: readonly string[];
}

/** What a run left behind, as text, by the name of a topic partition or store. */
export type Dump = ReadonlyMap<string, Section>;

/** All outputs of the topology. */
export async function dumpOutputs(log: Log): Promise<Map<string, Section>> {
  const sections = new Map<string, Section>();
  const add = (kind: SectionKind, lines: ReadonlyMap<string, readonly string[]>) => {
    for (const [name, own] of lines) sections.set(`topic ${name}`, { kind, lines: own });
  };
  for (const topic of orderedOutputs) add('ordered', await dumpTopic(log, topic));
  for (const topic of finalOutputs) add('final', await dumpLastPerKey(log, topic, recordLine));
  return sections;
}

/** All committed records of each partition of a topic. */
async function dumpTopic(log: Log, topic: string): Promise<Map<string, string[]>> {
  const lines = new Map<string, string[]>();
  for (const partition of await partitionsOf(log, topic)) {
    const own: string[] = [];
    lines.set(nameOf(partition), own);
    await eachRecord(log, partition, (batch, index) => own.push(recordLine(batch, index)));
  }
  return lines;
}

/** The last committed row of each key of each partition; deleted keys are left out. */
export async function dumpLastPerKey(
  log: Log,
  topic: string,
  rowLine: (batch: RecordBatch, index: number) => string,
): Promise<Map<string, string[]>> {
  const lines = new Map<string, string[]>();
  for (const partition of await partitionsOf(log, topic)) {
    const last = new Map<string, string>();
    await eachRecord(log, partition, (batch, index) => {
      const key = printable(batch.key(index));
      if (batch.value(index) === null) last.delete(key);
      else last.set(key, rowLine(batch, index));
    });
    lines.set(nameOf(partition), [...last.values()].sort());
  }
  return lines;
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`;
}

async function eachRecord(
  log: Log,
  partition: TopicPartition,
  visit: (batch: RecordBatch, index: number) => void,
): Promise<void> {
  for await (const batch of committedBatches(log, partition)) {
    for (let index = 0; index < batch.count; index++) visit(batch, index);
  }
}

/** Key, value, timestamp and headers of an output record. */
function recordLine(batch: RecordBatch, index: number): string {
  const headers = batch.headers(index).entries();
  const trailer = headers.map(([name, value]) => ` ${name}:${printable(value)}`).join('');
  return `${rowLine(batch, index)} @${batch.timestamp(index)}${trailer}`;
}

/** Key and value: the timestamp of a changelog record is the clock's. */
export function rowLine(batch: RecordBatch, index: number): string {
  return `${printable(batch.key(index))} = ${printable(batch.value(index))}`;
}

/** ASCII as it is, other bytes as \xNN: equal text means equal bytes. */
export function printable(bytes: Uint8Array | null): string {
  if (bytes === null) return 'null';
  const text = Buffer.from(bytes).toString('latin1');
  return text.replace(/[^ -[\]-~]/g, (char) => {
    return `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}
