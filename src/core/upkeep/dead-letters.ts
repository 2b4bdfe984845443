import { committedBatches } from '../log/committed-batches.ts';
import type { Log } from '../log/port.ts';
import type { RecordBatch } from '../log/record-batch/record-batch.ts';
import { LogError } from '../model/errors.ts';
import { type Headers, noHeaders } from '../model/headers.ts';
import { errorHeaderPrefix } from '../task/dead-letter.ts';

/** A record in error, with what is told of it. */
export interface DeadLetter {
  /** Where it lies. */
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  /** Those it came with. */
  readonly headers: Headers;
  /** What the engine says, by short names: `code`, `node`, `topic`, `partition`, `message`, ... */
  readonly error: ReadonlyMap<string, string>;
}

/** What is left out is not asked for. */
export interface DeadLetterFilter {
  readonly code?: string;
  readonly node?: string;
  readonly topic?: string;
  /** First offset, by partition. */
  readonly from: ReadonlyMap<number, number>;
  /** The offset behind the last, by partition. */
  readonly to: ReadonlyMap<number, number>;
}

/** @throws {LogError} `TOPIC_MISSING` */
export async function partitionsOfTopic({ admin }: Log, topic: string): Promise<number> {
  // Looked for in the list: an embedded log makes a topic that is asked for by its name.
  const isThere = (await admin.listTopics()).includes(topic);
  const described = isThere ? await admin.describeTopics([topic]) : null;
  const partitions = described?.get(topic)?.partitions;
  if (partitions !== undefined) return partitions;
  const message = `The topic '${topic}' does not exist: nothing was ever written to it.`;
  throw new LogError('fatal', 'TOPIC_MISSING', message, { where: { topic } });
}

/** All records of a partition of a topic of dead letters, in order. */
export async function* deadLettersIn(
  log: Log,
  place: { readonly topic: string; readonly partition: number },
  fromOffset = 0,
): AsyncGenerator<DeadLetter> {
  for await (const batch of committedBatches(log, place, fromOffset)) {
    for (let index = 0; index < batch.count; index += 1) {
      if (batch.offset(index) < fromOffset) continue;
      yield deadLetterAt(batch, index, place.partition);
    }
  }
}

export function isWanted(letter: DeadLetter, filter: DeadLetterFilter): boolean {
  const { partition, offset, error } = letter;
  const { code, node, topic, from, to } = filter;
  if (code !== undefined && error.get('code') !== code) return false;
  if (node !== undefined && error.get('node') !== node) return false;
  if (topic !== undefined && error.get('topic') !== topic) return false;
  return offset >= (from.get(partition) ?? 0) && offset < (to.get(partition) ?? Infinity);
}

function deadLetterAt(batch: RecordBatch, index: number, partition: number): DeadLetter {
  const error = new Map<string, string>();
  let headers = noHeaders;
  for (const [name, value] of batch.headers(index).entries()) {
    if (!name.startsWith(errorHeaderPrefix)) headers = headers.with(name, value);
    else error.set(name.slice(errorHeaderPrefix.length), Buffer.from(value).toString('utf8'));
  }
  return {
    partition,
    offset: batch.offset(index),
    timestamp: batch.timestamp(index),
    key: batch.key(index),
    value: batch.value(index),
    headers,
    error,
  };
}
