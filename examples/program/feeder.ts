import {
  createRecordBatchBuilder,
  type Log,
  noHeaders,
  type PartitionBatch,
  type RecordBatchBuilder,
  type Writer,
} from '../../src/index.ts';
import { partitionOf } from './partition-of.ts';
import { type Position, type Row, type RowSource, startPosition } from './row-source.ts';
import { topicSettings } from './topic-settings.ts';
import { tailOf } from './topic-tail.ts';
import { WrittenRows } from './written-rows.ts';

export interface FeederOptions {
  /** Names its positions and its transactions. */
  readonly name: string;
  readonly log: Log;
  readonly topic: string;
  readonly partitions: number;
  readonly source: RowSource;
}

/** Writes rows and the position they reach in one transaction, so that nothing is fed twice. */
export interface Feeder {
  readonly position: Position;
  readonly partitions: number;
  /** Rows written that lie at or behind these offsets, one for each partition. */
  rowsFrom(offsets: readonly number[]): number;
  /** Whether the last `feed` found nothing more. */
  readonly isAtEnd: boolean;
  /** Whether it got on; false if there is nothing more at present. */
  feed(maxRows: number): Promise<boolean>;
  close(): Promise<void>;
}

interface Fed {
  readonly position: Position;
  /** Per partition the offset behind the last row written. */
  readonly ends: readonly number[];
}

export async function openFeeder(options: FeederOptions): Promise<Feeder> {
  const { name, log, topic, partitions, source } = options;
  const positionTopic = `${name}-input-positions`;
  await log.admin.createTopics([
    { topic, partitions, cleanup: 'delete', settings: topicSettings },
    { topic: positionTopic, partitions: 1, cleanup: 'compact', settings: {} },
  ]);
  // Opening the writer ends what a killed feeder left open, so the position read next is the last.
  const writer = await log.openWriter({
    transactionalId: `${name}-feeder`,
    transactionTimeoutMs: 60_000,
  });
  let fed = (await readFed(log, positionTopic, source.name)) ?? {
    position: startPosition,
    ends: Array.from({ length: partitions }, () => 0),
  };
  const written = new WrittenRows(fed.ends);
  let isAtEnd = false;
  return {
    get position() {
      return fed.position;
    },
    partitions,
    rowsFrom: (offsets) => written.countFrom(offsets),
    get isAtEnd() {
      return isAtEnd;
    },
    async feed(maxRows) {
      const { rows, position } = await source.read(fed.position, maxRows);
      isAtEnd = position.offset === fed.position.offset;
      if (isAtEnd) return false;
      const batches = await writeRows(writer, batchesOf(topic, rows, partitions));
      const ends = [...fed.ends];
      for (const { partition, baseOffset, count } of batches) ends[partition] = baseOffset + count;
      const next = { position, ends };
      await writer.produce([{ topic: positionTopic, partition: 0, batch: fedBatch(source, next) }]);
      await writer.commit();
      for (const batch of batches) written.add(batch);
      fed = next;
      return true;
    },
    close: () => writer.close(),
  };
}

async function writeRows(writer: Writer, batches: readonly PartitionBatch[]) {
  if (batches.length === 0) return [];
  const counts = new Map(batches.map(({ partition, batch }) => [partition, batch.count]));
  const receipts = await writer.produce(batches);
  return receipts.map(({ partition, baseOffset }) => {
    return { partition, baseOffset, count: counts.get(partition) ?? 0 };
  });
}

function batchesOf(topic: string, rows: readonly Row[], partitions: number): PartitionBatch[] {
  const batches = new Map<number, RecordBatchBuilder>();
  for (const { key, value, timestamp } of rows) {
    const partition = partitionOf(key, partitions);
    const batch = batches.get(partition) ?? createRecordBatchBuilder();
    batches.set(partition, batch);
    batch.append(timestamp, key, value, noHeaders);
  }
  return [...batches].map(([partition, batch]) => ({ topic, partition, batch }));
}

function fedBatch(source: RowSource, fed: Fed): RecordBatchBuilder {
  const batch = createRecordBatchBuilder();
  batch.append(fed.position.lastTimestamp, source.name, JSON.stringify(fed), noHeaders);
  return batch;
}

async function readFed(log: Log, topic: string, name: string): Promise<Fed | null> {
  let text: string | null = null;
  const tail = tailOf(log, topic, 1);
  await tail.drain((batch, index) => {
    if (batch.key(index)?.toString() === name) text = batch.value(index)?.toString() ?? null;
  });
  await tail.close();
  return text === null ? null : (JSON.parse(text) as Fed); // written by `fedBatch`
}
