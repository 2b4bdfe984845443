import type { Log, PartitionEnds, TopicPartition } from '../log/port.ts';
import { partitionName } from '../log/partition-name.ts';
import type { RecordBatch } from '../log/record-batch/record-batch.ts';
import { noHeaders } from '../model/headers.ts';
import { type Manifest, serializeManifest } from '../topology/manifest.ts';
import { progressTopic } from '../topology/names.ts';
import { decodeProgress, encodeProgress, type ProgressRow } from '../task/progress-row.ts';
import { progressKey } from '../task/task-commit.ts';
import { readLastRow } from './last-row.ts';
import { manifestKey, manifestPlace } from './manifest-check.ts';
import type { RowToWrite, RowWriter } from './row-writer.ts';

/** A fetch that an open transaction holds back waits this long before it looks around. */
const fetchOptions = { maxWaitMs: 100, maxPartitionBytes: 4 * 1024 * 1024 };

/** Reads, and writes anew, what the tasks of an application have left in the log. None may run. */
export class SettledRows {
  private readonly found = new Map<string, PartitionEnds>();

  constructor(
    private readonly log: Log,
    private readonly writer: RowWriter,
    private readonly nowMs: number,
  ) {}

  /** How far a task is; null before its first commit. */
  async progress(place: TopicPartition): Promise<ProgressRow | null> {
    const ends = await this.endsOf(place);
    const row = await readLastRow(this.log, { ...place, ends });
    return row === null ? null : decodeProgress(row);
  }

  /** The next commit of a task: what its local state holds is older than that. */
  async putProgress(place: TopicPartition, row: ProgressRow): Promise<void> {
    const value = encodeProgress({ ...row, commitNumber: row.commitNumber + 1 });
    const timestamp = this.nowMs;
    await this.writer.add(place, { timestamp, key: progressKey, value, headers: noHeaders });
  }

  async putManifest(manifest: Manifest): Promise<void> {
    const value = serializeManifest(manifest);
    const row = { timestamp: this.nowMs, key: manifestKey, value, headers: noHeaders };
    await this.writer.add(manifestPlace(manifest.application), row);
  }

  /** Writes a tombstone for each key there is. Answers the offset behind the last one. */
  async empty(place: TopicPartition): Promise<number> {
    const { logStartOffset, logEndOffset } = await this.endsOf(place);
    const range = { fromOffset: logStartOffset, toOffset: logEndOffset };
    let keys = new Set<string>();
    for await (const { key } of this.rows(place, range)) {
      if (key === null) continue;
      const text = Buffer.from(key).toString('latin1');
      if (keys.has(text)) continue;
      // Keys that come again soon are written once; more would be too much to remember.
      if (keys.size >= maxRemembered) keys = new Set();
      keys.add(text);
      const row = { timestamp: this.nowMs, key: Buffer.from(key), value: null, headers: noHeaders };
      await this.writer.add(place, row);
    }
    await this.writer.flush();
    return this.writer.nextOffset(place) ?? logEndOffset;
  }

  /** Appends the committed rows of one partition to another, from an offset up to another. */
  async copy(
    from: TopicPartition & { readonly fromOffset: number; readonly toOffset: number },
    to: TopicPartition,
  ): Promise<void> {
    for await (const row of this.rows(from, from)) await this.writer.add(to, row);
    await this.writer.flush();
  }

  /** As they were when they were first asked for. */
  async endsOf(place: TopicPartition): Promise<PartitionEnds> {
    const name = partitionName(place);
    const known = this.found.get(name);
    if (known !== undefined) return known;
    const [ends] = await this.log.admin.ends([place]);
    const found = ends ?? { logStartOffset: 0, lastStableOffset: 0, logEndOffset: 0 };
    this.found.set(name, found);
    return found;
  }

  /** Waits for transactions that are open before `toOffset`: behind them others have committed. */
  private async *rows(
    { topic, partition }: TopicPartition,
    { fromOffset, toOffset }: { readonly fromOffset: number; readonly toOffset: number },
  ): AsyncGenerator<RowToWrite> {
    const reader = this.log.openReader({ isolation: 'read-committed' });
    try {
      let offset = Math.max(fromOffset, (await this.endsOf({ topic, partition })).logStartOffset);
      while (offset < toOffset) {
        const [fetched] = await reader.fetch([{ topic, partition, offset }], fetchOptions);
        if (fetched === undefined || fetched.nextOffset <= offset) continue;
        for (const batch of fetched.batches) yield* rowsOf(batch, { from: offset, to: toOffset });
        offset = fetched.nextOffset;
      }
    } finally {
      await reader.close();
    }
  }
}

const maxRemembered = 100_000;

/** Where the tasks of a sub-topology keep their progress. */
export function progressPlace(
  application: string,
  subTopology: string,
  partition: number,
): TopicPartition {
  return { topic: progressTopic(application, subTopology), partition };
}

function* rowsOf(
  batch: RecordBatch,
  { from, to }: { readonly from: number; readonly to: number },
): Generator<RowToWrite> {
  for (let index = 0; index < batch.count; index += 1) {
    const offset = batch.offset(index);
    if (offset < from || offset >= to) continue;
    yield {
      timestamp: batch.timestamp(index),
      key: batch.key(index),
      value: batch.value(index),
      headers: batch.headers(index),
    };
  }
}
