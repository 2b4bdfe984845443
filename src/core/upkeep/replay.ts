import { defaultPartition } from '../log/murmur2.ts';
import type { Log, Writer } from '../log/port.ts';
import { partitionName } from '../log/partition-name.ts';
import { createRecordBatchBuilder } from '../log/record-batch/encode-batch.ts';
import type { RecordBatchBuilder } from '../log/record-batch/record-batch-builder.ts';
import { noHeaders } from '../model/headers.ts';
import type { Clock } from '../runtime/runtime.ts';
import {
  type DeadLetter,
  type DeadLetterFilter,
  deadLettersIn,
  isWanted,
  partitionsOfTopic,
} from './dead-letters.ts';
import { Replayed, replayedTopic, storedReplayed } from './replayed.ts';

const transactionTimeoutMs = 30_000;
/** So much goes into one transaction. */
const maxRecords = 500;
const maxBytes = 256 * 1024;

export interface ReplayOptions {
  readonly log: Log;
  readonly clock: Clock;
  /** The topic of dead letters. */
  readonly topic: string;
  readonly filter: DeadLetterFilter;
  /** Also what was replayed before. */
  readonly isAgain: boolean;
  /** Nothing is written. */
  readonly isDry: boolean;
}

export interface ReplayResult {
  /** Records sent, by the topic they came from. */
  readonly sent: ReadonlyMap<string, number>;
  /** Wanted, but replayed before. */
  readonly before: number;
  /** Wanted, but there is no way back for them, by reason. */
  readonly left: ReadonlyMap<string, number>;
}

/**
 * Sends dead letters back to the topics they came from, each as it was. What is sent and the note
 * that it was are one transaction, and a second replay fences the first: no record goes twice.
 *
 * @throws {LogError} `TOPIC_MISSING`
 */
export async function replayDeadLetters(options: ReplayOptions): Promise<ReplayResult> {
  const { log, topic, isDry } = options;
  const partitions = await partitionsOfTopic(log, topic);
  if (isDry) return replayAll(options, partitions, null);
  const notes = { topic: replayedTopic(topic), partitions: 1, cleanup: 'compact' } as const;
  await log.admin.createTopics([{ ...notes, settings: { 'cleanup.policy': 'compact' } }]);
  const writer = await log.openWriter({ transactionalId: `${topic}-replay`, transactionTimeoutMs });
  try {
    return await replayAll(options, partitions, writer);
  } catch (error) {
    await writer.abort().catch(() => undefined);
    throw error;
  } finally {
    await writer.close();
  }
}

async function replayAll(
  options: ReplayOptions,
  partitions: number,
  writer: Writer | null,
): Promise<ReplayResult> {
  const { log, topic, filter, isAgain } = options;
  // Read behind the fence: whoever replayed before has noted it, or never will.
  const replayed = await storedReplayed(log, topic);
  const ways = new Ways(log);
  const chunk = new Chunk(options, writer);
  const sent = new Map<string, number>();
  const left = new Map<string, number>();
  let before = 0;
  for (let partition = 0; partition < partitions; partition += 1) {
    const known = replayed.get(partition) ?? new Replayed();
    for await (const letter of deadLettersIn(log, { topic, partition })) {
      const { offset } = letter;
      const isKnown = known.has(offset);
      const wanted = isWanted(letter, filter);
      const isNew = wanted && (isAgain || !isKnown);
      if (wanted && !isNew) before += 1;
      const way = isNew ? await ways.back(letter, known.isFull) : null;
      if (typeof way === 'string') count(left, way);
      const isSent = way !== null && typeof way !== 'string';
      known.pass(offset, isKnown || isSent);
      if (!isSent) continue;
      count(sent, way.topic);
      chunk.add(way, letter);
      if (chunk.isFull) await chunk.send(partition, known);
    }
    await chunk.send(partition, known);
  }
  return { sent, before, left };
}

interface WayBack {
  readonly topic: string;
  readonly partition: number;
}

/** Where records came from, as far as they can go back there. */
class Ways {
  private topics: ReadonlySet<string> | null = null;
  private readonly counts = new Map<string, number>();

  constructor(private readonly log: Log) {}

  /** Or the reason why there is none. */
  async back({ error, key }: DeadLetter, isFull: boolean): Promise<WayBack | string> {
    const topic = error.get('topic');
    if (error.get('truncated') !== undefined) return 'it was too large to be kept whole';
    if (topic === undefined)
      return 'it is no record of a topic: a timer failed, or others wrote it';
    if (isFull) return 'too many stretches are to be remembered: replay all of the topic';
    this.topics ??= new Set(await this.log.admin.listTopics());
    if (!this.topics.has(topic)) return `its topic '${topic}' is gone`;
    const partitions = this.counts.get(topic) ?? (await partitionsOfTopic(this.log, topic));
    this.counts.set(topic, partitions);
    const own = Number(error.get('partition') ?? 0);
    if (Number.isInteger(own) && own >= 0 && own < partitions) return { topic, partition: own };
    return { topic, partition: key === null ? 0 : defaultPartition(key, partitions) };
  }
}

/** What goes into the next transaction. */
class Chunk {
  private readonly batches = new Map<string, WayBack & { readonly batch: RecordBatchBuilder }>();
  private records = 0;

  constructor(
    private readonly options: Pick<ReplayOptions, 'clock' | 'topic'>,
    private readonly writer: Writer | null,
  ) {}

  get isFull(): boolean {
    if (this.records >= maxRecords) return true;
    return [...this.batches.values()].some(({ batch }) => batch.byteLength >= maxBytes);
  }

  add(way: WayBack, { timestamp, key, value, headers }: DeadLetter): void {
    this.records += 1;
    if (this.writer === null) return;
    const name = partitionName(way);
    const open = this.batches.get(name) ?? { ...way, batch: createRecordBatchBuilder() };
    this.batches.set(name, open);
    open.batch.append(timestamp, key, value, headers);
  }

  /** With the note of what was replayed of the partition they lay in. */
  async send(partition: number, replayed: Replayed): Promise<void> {
    const { clock, topic } = this.options;
    const batches = [...this.batches.values()];
    this.batches.clear();
    this.records = 0;
    if (this.writer === null || batches.length === 0) return;
    const note = createRecordBatchBuilder();
    note.append(clock.wallClockTimeMs(), String(partition), replayed.serialize(), noHeaders);
    const noted = { topic: replayedTopic(topic), partition: 0, batch: note };
    await this.writer.produce([...batches, noted]);
    await this.writer.commit();
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
