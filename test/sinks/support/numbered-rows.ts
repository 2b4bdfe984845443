import type { Log } from '../../../src/core/log/port.ts';
import {
  type BatchOptions,
  produce,
  readCommitted,
  type Sink,
  string,
  type Topology,
  TopologyBuilder,
} from '../../../src/index.ts';

/** A row that is unlike any other. */
export interface NumberedRow {
  readonly id: number;
  readonly word: string;
}

export const tableName = 'numbered_rows';
export const sinkName = 'numbered';
export const wordsTopic = 'words';

const words = { key: string(), value: string() };

/** What a database holds of such rows, one line for each. */
export function lineOf({ id, word }: NumberedRow): string {
  return `${id} ${word}`;
}

export interface SinkSettings {
  readonly port: number;
  readonly batches: BatchOptions;
  readonly attemptTimeoutMs: number;
}

/** Each word as it was fed, `<id> <word>`, is a row. */
export function numberedTopology(application: string, sink: Sink<NumberedRow>): Topology {
  const builder = new TopologyBuilder(application);
  builder
    .stream(wordsTopic, words)
    .mapValues((text) => {
      const [id = '', word = ''] = text.split(' ');
      return { id: Number(id), word };
    })
    .toSink(sink);
  return builder.build();
}

/** Writes the rows `[from, to)` to the input. */
export async function feedRows(log: Log, from: number, to: number): Promise<void> {
  const records = Array.from({ length: to - from }, (_, index) => {
    const id = from + index;
    return { key: `k${id}`, value: `${id} word-${(id * 7_919) % 1_000}`, timestamp: id };
  });
  await produce(log, wordsTopic, words, records);
}

/** The rows of the outbox, which has to be whole. */
export async function outboxLines(log: Log, application: string): Promise<readonly string[]> {
  const topic = `${application}-${sinkName}-outbox`;
  const found = await readCommitted(log, topic, words);
  return found.map(({ value }) => lineOf(JSON.parse(value ?? '') as NumberedRow)); // both sinks write the row as JSON
}
