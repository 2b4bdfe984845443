import { brokerError } from '../../../../../src/core/log/kafka/requests/broker-error.ts';
import { kafkaReader } from '../../../../../src/core/log/kafka/reader/kafka-reader.ts';
import {
  type FetchedRecords,
  fetch,
} from '../../../../../src/core/log/kafka/wire/messages/fetch.ts';
import { listOffsets } from '../../../../../src/core/log/kafka/wire/messages/list-offsets.ts';
import { partitionName } from '../../../../../src/core/log/partition-name.ts';
import type {
  FetchedPartition,
  FetchRequest,
  TopicPartition,
} from '../../../../../src/core/log/port.ts';
import { readBatchHeader } from '../../../../../src/core/log/record-batch/batch-header.ts';
import { createSimulatedRuntime } from '../../../../../src/core/runtime/simulated-runtime.ts';
import { type Isolation, PLACE, recordsOf } from '../../../../support/log-fixture.ts';
import { ScriptedConnections } from '../../../../support/scripted-connections.ts';

type WireRequest = Parameters<(typeof fetch)['request']['write']>[1];
type WireAnswer = Parameters<(typeof fetch)['answer']['write']>[1];

/** What a broker has of a partition. */
export class ScriptedPartition {
  batches: readonly Buffer[] = [];
  aborted: FetchedRecords['aborted'] = [];
  logStartOffset = 0;
  /** Null: the end. */
  lastStableOffset: number | null = null;
  errorCode = 0;
  /** Of one answer. */
  maxBatches = Infinity;

  get endOffset(): number {
    const last = this.batches.at(-1);
    return last === undefined ? this.logStartOffset : nextOffsetOf(last);
  }

  answer(partition: number, offset: number): FetchedRecords {
    const isInside = offset >= this.logStartOffset && offset <= this.endOffset;
    const errorCode = isInside ? this.errorCode : 1;
    const records = errorCode === 0 ? this.from(offset) : [];
    const known = errorCode === 0;
    return {
      partition,
      errorCode,
      highWatermark: known ? this.endOffset : -1,
      lastStableOffset: known ? (this.lastStableOffset ?? this.endOffset) : -1,
      logStartOffset: known ? this.logStartOffset : -1,
      aborted: this.aborted,
      preferredReplica: -1,
      records: Buffer.concat(records),
    };
  }

  private from(offset: number): Buffer[] {
    const due = this.batches.filter((batch) => nextOffsetOf(batch) > offset);
    return due.slice(0, this.maxBatches);
  }
}

/** A reader of brokers that keep what a test gives them, on virtual time. */
export class ReaderFixture {
  readonly connections = new ScriptedConnections();
  readonly runtime = createSimulatedRuntime({ seed: 1 });
  readonly reader;
  /** What each broker was asked, as `topic:partition@offset`. */
  readonly asked: (readonly string[])[] = [];
  readonly maxWaitsMs: number[] = [];
  private readonly partitions = new Map<string, ScriptedPartition>();
  private readonly waiting = new Set<() => void>();
  /** Requests that a broker works on. */
  inFlight = new Map<number, number>();
  /** Before the broker looks. */
  before: (nodeId: number) => Promise<void> = async () => undefined;
  /** While its answer is on its way. */
  after: (nodeId: number) => Promise<void> = async () => undefined;

  constructor(isolation: Isolation = 'read-committed') {
    this.connections.on(fetch, (request, nodeId) => this.fetched(request, nodeId));
    this.connections.on(listOffsets, ({ topics }) => ({
      throttleMs: 0,
      topics: topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition, timestamp }) => {
          const { logStartOffset, endOffset } = this.at({ topic, partition });
          const offset = timestamp === -2 ? logStartOffset : endOffset;
          return { partition, errorCode: 0, timestamp: -1, offset };
        }),
      })),
    }));
    this.reader = kafkaReader(this.connections, this.runtime, { isolation });
  }

  at(place: TopicPartition = PLACE): ScriptedPartition {
    const name = partitionName(place);
    const partition = this.partitions.get(name) ?? new ScriptedPartition();
    this.partitions.set(name, partition);
    return partition;
  }

  /** A broker that waits for data looks again. */
  append(place: TopicPartition, ...batches: readonly Buffer[]): void {
    this.at(place).batches = [...this.at(place).batches, ...batches];
    for (const wake of this.waiting) wake();
  }

  fetch(
    requests: readonly FetchRequest[],
    { maxWaitMs = 0, maxPartitionBytes = 1024 * 1024 } = {},
  ): Promise<readonly FetchedPartition[]> {
    return this.runtime.runUntil(this.reader.fetch(requests, { maxWaitMs, maxPartitionBytes }));
  }

  /** One partition: its records from the offset on, and where to go on. */
  async read(offset = 0, maxWaitMs = 0) {
    const [fetched] = await this.fetch([{ ...PLACE, offset }], { maxWaitMs });
    if (fetched === undefined) throw new Error('Nothing was answered.');
    const records = fetched.batches.flatMap((batch) => recordsOf(batch, offset));
    return { records, nextOffset: fetched.nextOffset, ends: fetched.ends };
  }

  private async fetched(request: WireRequest, nodeId: number): Promise<WireAnswer> {
    const places = request.topics.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, offset }) => ({ topic, partition, offset })),
    );
    this.asked.push(places.map((place) => `${partitionName(place)}@${place.offset}`));
    this.maxWaitsMs.push(request.maxWaitMs);
    this.inFlight.set(nodeId, (this.inFlight.get(nodeId) ?? 0) + 1);
    await this.before(nodeId);
    let answer = this.answer(request);
    if (!hasNews(answer) && request.maxWaitMs > 0) {
      await this.changeWithin(request.maxWaitMs);
      answer = this.answer(request);
    }
    await this.after(nodeId);
    this.inFlight.set(nodeId, (this.inFlight.get(nodeId) ?? 0) - 1);
    return answer;
  }

  private answer({ topics }: WireRequest): WireAnswer {
    return {
      throttleMs: 0,
      errorCode: 0,
      sessionId: 0,
      topics: topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition, offset }) =>
          this.at({ topic, partition }).answer(partition, offset),
        ),
      })),
    };
  }

  private changeWithin(maxWaitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.waiting.delete(wake);
        timer.cancel();
        resolve();
      };
      const timer = this.runtime.scheduler.after(maxWaitMs, wake);
      this.waiting.add(wake);
    });
  }
}

function hasNews({ topics }: WireAnswer): boolean {
  const partitions = topics.flatMap((topic) => topic.partitions);
  return partitions.some(({ errorCode, records }) => errorCode !== 0 || (records?.length ?? 0) > 0);
}

function nextOffsetOf(batch: Buffer): number {
  const { baseOffset, lastOffsetDelta } = readBatchHeader(batch);
  return baseOffset + lastOffsetDelta + 1;
}

/** The broker cannot be reached. */
export const unreachable = () => brokerError(8, { api: 'Fetch', subject: 'A scripted broker' });
