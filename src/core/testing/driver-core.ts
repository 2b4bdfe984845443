import { EmbeddedBroker } from '../log/embedded/broker.ts';
import { memoryStorage } from '../log/embedded/memory-storage.ts';
import { createRecordBatchBuilder } from '../log/record-batch/encode-batch.ts';
import { defaultPartition } from '../log/murmur2.ts';
import type { DropReason, ErrorPolicy, ErrorStage } from '../model/drop-reason.ts';
import { ConfigError, MillraceError, SerdeError } from '../model/errors.ts';
import { messageOf } from '../model/message-of.ts';
import { invariant } from '../model/invariant.ts';
import { isPromise } from '../model/maybe-promise.ts';
import { type Headers, noHeaders } from '../model/headers.ts';
import type { StreamRecord } from '../model/record.ts';
import type { Clock } from '../runtime/runtime.ts';
import { schedulerOf } from '../runtime/simulated-runtime.ts';
import { VirtualSchedule } from '../runtime/virtual-schedule.ts';
import { keyBytes } from '../serde/key-identity.ts';
import type { Sink } from '../sink/sink.ts';
import type { StateBackend } from '../task/state-port.ts';
import { GlobalTable } from '../task/global-table.ts';
import type { DropPlace, TaskHooks } from '../task/task-port.ts';
import { Task } from '../task/task.ts';
import { outboxTopic } from '../topology/names.ts';
import type { CountedTopic, PartitionCounts } from '../topology/partition-counts.ts';
import { countedTopics, partitionCounts } from '../topology/partition-counts.ts';
import type { GlobalNode, SourceNode, Topology } from '../topology/plan.ts';
import { DriverTasks } from './driver-tasks.ts';
import { strictInspection } from './inspection.ts';
import { type Steps, wait } from './steps.ts';
import { TopicReader } from './topic-reader.ts';

const defaultMaxMessageBytes = 1_000_000;
const maxCacheBytes = 64 * 1024 * 1024;

export interface DriverOptions {
  /** `'manual'`: nothing is committed but by `commit()`. Default `'after-send'`. */
  readonly commit?: 'after-send' | 'manual';
  /** Where the clock stands at first, epoch milliseconds. Default 0. */
  readonly wallClockTimeMs?: number;
  /** Partitions of each topic that the topology reads. Default 1. */
  readonly partitions?: number;
  /** The largest batch of records that the log takes. Default 1,000,000, as a worker's. */
  readonly maxMessageBytes?: number;
  /** As a worker's: decides about a record in error before the policy of its node does. */
  readonly onError?: (error: MillraceError, stage: ErrorStage) => ErrorPolicy | null;
  /**
   * `'off'`: callbacks may mutate what they are given, and what is written need not come back from
   * its bytes as it was. Default `'on'`.
   */
  readonly checks?: 'on' | 'off';
}

/** A record to send; what is left out is null, 0 or empty. */
export interface RecordToSend {
  readonly key?: unknown;
  readonly value?: unknown;
  /** Event time, epoch milliseconds. Default 0. */
  readonly timestamp?: number;
  readonly headers?: Headers;
  /** Default: by the key, as the default partitioner does. */
  readonly partition?: number;
}

export interface DroppedRecord extends DropPlace {
  readonly reason: DropReason;
  readonly record: StreamRecord<unknown, unknown>;
}

/** What both drivers do: the real task and commit path beside a broker in memory. */
export class DriverCore {
  readonly dropped: DroppedRecord[] = [];
  readonly tasks: DriverTasks;
  private readonly broker: EmbeddedBroker;
  private readonly counts: PartitionCounts;
  private readonly internal: readonly CountedTopic[];
  private readonly reader: TopicReader;
  private readonly isManual: boolean;
  /** Time-outs and retries of calls. */
  private readonly schedule = new VirtualSchedule();

  constructor(
    private readonly topology: Topology,
    private readonly backend: StateBackend,
    private readonly options: DriverOptions,
  ) {
    const { partitions = 1, wallClockTimeMs = 0, commit = 'after-send' } = options;
    this.schedule.nowMs = wallClockTimeMs;
    this.isManual = commit === 'manual';
    this.broker = new EmbeddedBroker({
      storage: memoryStorage(),
      clock: this.clock,
      groups: { check: () => undefined },
      partitions,
      maxMessageBytes: this.maxMessageBytes,
    });
    const sources = topicsRead(topology);
    this.counts = partitionCounts(topology, new Map(sources.map((topic) => [topic, partitions])));
    this.internal = countedTopics(topology, this.counts);
    this.reader = new TopicReader(topology, this.broker);
    this.tasks = new DriverTasks({
      application: topology.application,
      broker: this.broker,
      create: () => this.createTasks(),
      createGlobals: () => this.createGlobals(),
      partitions,
    });
  }

  *open(): Steps<void> {
    const { broker, topology } = this;
    yield* wait(broker.open());
    yield* wait(broker.describeTopics(topicsRead(topology)));
    yield* wait(
      broker.createTopics(
        this.internal.map(({ topic, partitions, kind }) => ({
          topic,
          partitions,
          cleanup: kind === 'repartition' ? 'delete' : 'compact',
          settings: {},
        })),
      ),
    );
    yield* this.tasks.open();
  }

  *send(topic: string, records: readonly RecordToSend[]): Steps<void> {
    const source = this.sourceOf(topic);
    for (const record of records) yield* this.append(source, record);
    yield* this.afterInput();
  }

  /** Puts records into several topics before the first of them is taken. */
  *sendTogether(records: readonly (RecordToSend & { readonly topic: string })[]): Steps<void> {
    for (const record of records) yield* this.append(this.sourceOf(record.topic), record);
    yield* this.afterInput();
  }

  *commit(): Steps<void> {
    if (yield* this.tasks.commit()) yield* this.afterInput();
  }

  /** Waits for calls, as long as they end without the clock: what they bring is worked on. */
  *settled(): Steps<void> {
    const { tasks, isManual } = this;
    for (;;) {
      yield* tasks.process();
      const ended = tasks.attemptEnded();
      if (ended !== null) yield ended;
      else if (isManual || !tasks.isAtRest || !(yield* tasks.commit())) return;
    }
  }

  *crash(): Steps<void> {
    yield* this.tasks.crash();
    yield* this.afterInput();
  }

  *advanceWallClock(byMs: number): Steps<void> {
    const { schedule } = this;
    const untilMs = schedule.nowMs + byMs;
    while ((schedule.nextAtMs() ?? Infinity) <= untilMs) schedule.fireNext();
    schedule.nowMs = untilMs;
    yield* this.afterInput();
  }

  *read(topic: string): Steps<StreamRecord<unknown, unknown>[]> {
    return yield* this.reader.readNew(topic);
  }

  *rows(sink: Sink<never>): Steps<unknown[]> {
    const topic = outboxTopic(this.topology.application, sink.name);
    const records = yield* this.reader.readNew(topic);
    return records.map(({ value }) => sink.row.deserialize(value as Uint8Array)); // of no serde
  }

  *readTable(topic: string): Steps<Map<unknown, unknown>> {
    return yield* this.reader.readTable(topic);
  }

  private *afterInput(): Steps<void> {
    // Where there are calls, a commit may have to wait: it is left to `settled`.
    yield* this.isManual || this.hasCalls ? this.tasks.process() : this.tasks.settle();
  }

  private *append(source: SourceNode | GlobalNode, record: RecordToSend): Steps<void> {
    const { key = null, value = null, timestamp = 0, headers = noHeaders } = record;
    const ownKey = sentBytes(source, 'key', key);
    const ownValue = sentBytes(source, 'value', value);
    yield* this.appendBytes(source.topic, { ...record, timestamp, headers }, ownKey, ownValue);
  }

  /** Raw bytes, which need not be what the source can read. */
  *sendBytes(
    topic: string,
    record: { readonly key: Uint8Array | null; readonly value: Uint8Array | null } & Pick<
      RecordToSend,
      'timestamp' | 'headers' | 'partition'
    >,
  ): Steps<void> {
    this.sourceOf(topic);
    const { timestamp = 0, headers = noHeaders } = record;
    const place = { ...record, timestamp, headers };
    yield* this.appendBytes(topic, place, record.key, record.value);
    yield* this.afterInput();
  }

  private *appendBytes(
    topic: string,
    record: { timestamp: number; headers: Headers; partition?: number },
    key: Uint8Array | null,
    value: Uint8Array | null,
  ): Steps<void> {
    const batch = createRecordBatchBuilder();
    batch.append(record.timestamp, key, value, record.headers);
    const count = this.counts.topics.get(topic) ?? this.counts.globals.get(topic) ?? 1;
    const partition = record.partition ?? (key === null ? 0 : defaultPartition(key, count));
    const producer = yield* wait(this.broker.initProducer(null, 0));
    const stamp = { ...producer, baseOffset: 0, baseSequence: 0, isTransactional: false };
    const bytes = batch.finish(stamp);
    yield* wait(this.broker.produce(producer, [{ topic, partition, bytes }]));
  }

  private sourceOf(topic: string): SourceNode | GlobalNode {
    for (const node of this.topology.nodes) {
      const isRead = node.type === 'source' || node.type === 'global';
      if (isRead && node.topic === topic) return node;
    }
    const topics = topicsRead(this.topology);
    throw new ConfigError(
      'BAD_OPTION',
      `The topology reads no topic '${topic}'; it reads ${topics.join(', ')}.`,
      { where: { topic } },
    );
  }

  private createGlobals(): readonly GlobalTable[] {
    const { topology, backend, clock } = this;
    const nodes = topology.nodes.filter((node) => node.type === 'global');
    return nodes.map((node) => {
      return new GlobalTable({
        application: topology.application,
        node,
        instanceId: 'driver',
        backend,
        clock,
        hooks: this.hooks(),
        defaultMaxFutureMs: 'off',
        maxCacheBytes,
        ...this.inspected,
      });
    });
  }

  private get inspected() {
    return this.options.checks === 'off' ? {} : { inspection: strictInspection() };
  }

  private createTasks(): readonly Task[] {
    const { topology, counts } = this;
    return topology.subTopologies.flatMap((subTopology) =>
      Array.from({ length: counts.tasks.get(subTopology.id) ?? 0 }, (_, partition) => {
        return new Task({
          topology,
          subTopology,
          partition,
          backend: this.backend,
          clock: this.clock,
          scheduler: schedulerOf((delayMs, call) => this.schedule.add(delayMs, call)),
          onReady: () => undefined,
          hooks: this.hooks(),
          partitionsOf: (topic) => this.partitionsOf(topic),
          maxTaskIdleMs: Infinity,
          defaultMaxFutureMs: 'off',
          maxMessageBytesOf: () => this.maxMessageBytes,
          maxCacheBytes,
          maxBufferedRecords: 10_000,
          globalLookup: (node) => this.tasks.globalLookup(node),
          ...this.inspected,
        });
      }),
    );
  }

  private hooks(): TaskHooks {
    const { onError } = this.options;
    return {
      handlesErrors: onError !== undefined,
      onError: (error, stage) => onError?.(error, stage) ?? null,
      onDropped: (reason, record, place) => {
        this.dropped.push({ ...place, reason, record });
      },
    };
  }

  private get hasCalls(): boolean {
    return this.topology.nodes.some((node) => node.type === 'operator' && node.calls !== null);
  }

  private get maxMessageBytes(): number {
    return this.options.maxMessageBytes ?? defaultMaxMessageBytes;
  }

  private partitionsOf(topic: string): number {
    const known = this.counts.topics.get(topic);
    if (known !== undefined) return known;
    const described = this.broker.describeTopics([topic]);
    invariant(!isPromise(described), 'A broker in memory answers at once.');
    return described.get(topic)?.partitions ?? 1;
  }

  private get clock(): Clock {
    const nowMs = () => this.schedule.nowMs;
    return { wallClockTimeMs: nowMs, monotonicTimeMs: nowMs };
  }
}

function topicsRead({ nodes }: Topology): readonly string[] {
  return nodes.flatMap((node) =>
    node.type === 'source' || node.type === 'global' ? [node.topic] : [],
  );
}

function sentBytes(
  source: SourceNode | GlobalNode,
  part: 'key' | 'value',
  data: unknown,
): Uint8Array | null {
  if (data === null) return null;
  try {
    return keyBytes(source[part], data);
  } catch (cause) {
    const { topic } = source;
    const code = cause instanceof MillraceError ? cause.code : 'SERIALIZATION';
    const message = `The ${part} sent to '${topic}' does not fit its serde: ${messageOf(cause)}.`;
    throw new SerdeError(code, message, { where: { topic }, cause });
  }
}
