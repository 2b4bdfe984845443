import { readBootId } from './core/runtime/boot-id.ts';
import type { StateBackend } from './core/task/state-port.ts';
import type { Topology } from './core/topology/plan.ts';
import {
  type BackendSettings,
  type RunOptions,
  workerSettings,
} from './core/worker/run-options.ts';
import { startWorker } from './core/worker/start-worker.ts';
import type { Worker } from './core/worker/worker.ts';
import { levelBackend } from './state/level/level-backend.ts';
import { hasTaskDirectory, taskDirectoryBytes } from './state/level/state-directory.ts';

// Topologies
export { TopologyBuilder, type TopologyBuilderOptions } from './operators/topology-builder.ts';
export type { KStream } from './operators/k-stream.ts';
export type { GlobalKTable } from './operators/global-k-table.ts';
export type { KTable } from './operators/k-table.ts';
export type { KGroupedTable } from './operators/k-grouped-table.ts';
export type { KGroupedStream } from './operators/k-grouped-stream.ts';
export type { TimeWindowedKStream } from './operators/time-windowed-k-stream.ts';
export type { CogroupedKStream } from './operators/cogrouped-k-stream.ts';
export type { TimeWindowedCogroupedKStream } from './operators/time-windowed-cogrouped-k-stream.ts';
export type { SessionWindowedCogroupedKStream } from './operators/session-windowed-cogrouped-k-stream.ts';
export type { SessionWindowedKStream } from './operators/session-windowed-k-stream.ts';
export type {
  DeadLetterDrops,
  InputTopic,
  Partitioner,
  PlanNode,
  SubTopology,
  TimestampExtractor,
  Topology,
  TopologySettings,
} from './core/topology/plan.ts';
export type {
  KeySerdeUnknown,
  KnownSerdes,
  SerdesKnown,
  SerdesUnknown,
  ValueSerdeUnknown,
} from './operators/internal/serdes.ts';

// Sources and sinks
export type { SourceOptions } from './operators/internal/source-node.ts';
export type { StreamOptions } from './operators/stream-source.ts';
export type { GlobalTableOptions } from './operators/global-table-source.ts';
export type {
  SourceChangelogTableOptions,
  TableOptions,
  VersionedTableOptions,
} from './operators/table-source.ts';
export type { Versioning } from './operators/internal/upsert-spec.ts';
export { recordTime, valueTime, wallClock } from './operators/internal/timestamps.ts';
export type { ToOptions, TopicSelector } from './operators/to.ts';

// Operators
export type {
  Joiner,
  KeyValue,
  Mapper,
  Predicate,
  RecordContext,
  TablePredicate,
} from './operators/internal/callbacks.ts';
export type {
  Aggregator,
  AggregateCallbacks,
  Initializer,
  Merger,
  Reducer,
} from './operators/internal/steps.ts';
export type {
  AggregationOptions,
  WindowedAggregationOptions,
} from './operators/internal/aggregation-options.ts';
export type { DistinctOptions, IdSelector } from './operators/internal/distinct-ids.ts';
export type { Renamable } from './operators/internal/renamable.ts';
export type { AggregateOptions } from './operators/aggregate.ts';
export type { CogroupOptions } from './operators/cogroup.ts';
export type { WindowedCogroupOptions } from './operators/internal/windowed-cogroup-options.ts';
export type { CountOptions } from './operators/count.ts';
export type { CountDistinctOptions } from './operators/count-distinct.ts';
export type { ReduceOptions } from './operators/reduce.ts';
export type { WindowedAggregateOptions } from './operators/windowed-aggregate.ts';
export type { ScoreOption } from './operators/internal/top-n-step.ts';
export type { TopNOptions } from './operators/top-n.ts';
export type { WindowedTopNOptions } from './operators/windowed-top-n.ts';
export type { TableTopNOptions } from './operators/table-top-n.ts';
export type { WindowedCountOptions } from './operators/windowed-count.ts';
export type { WindowedCountDistinctOptions } from './operators/windowed-count-distinct.ts';
export type { WindowedReduceOptions } from './operators/windowed-reduce.ts';
export type { SessionCogroupOptions } from './operators/session-cogroup.ts';
export type { SessionCountDistinctOptions } from './operators/session-count-distinct.ts';
export type { SessionTopNOptions } from './operators/session-top-n.ts';
export type { SessionAggregateOptions } from './operators/session-aggregate.ts';
export type { SessionCountOptions } from './operators/session-count.ts';
export type { SessionReduceOptions, SessionReducer } from './operators/session-reduce.ts';
export type { Branches } from './operators/split.ts';
export type { AsyncMapper, AsyncRecordContext, MapAsyncOptions } from './operators/map-async.ts';
export type { HeadersMapper } from './operators/map-headers.ts';
export type { GroupByKeyOptions } from './operators/group-by-key.ts';
export type { GroupByOptions } from './operators/group-by.ts';
export type { RepartitionOptions } from './operators/repartition.ts';
export type { DeduplicateOptions } from './operators/deduplicate.ts';
export type { DelayOptions } from './operators/delay.ts';
export type { DistinctUntilChangedOptions } from './operators/distinct-until-changed.ts';
export type { RateLimitOptions } from './operators/rate-limit.ts';
export type { IdentityOptions } from './operators/internal/identity.ts';
export type { StreamJoinOptions, StreamJoinSerdes } from './operators/stream-stream-join.ts';
export type { StreamTableJoinOptions } from './operators/stream-table-join.ts';
export type { TableJoinOptions } from './operators/table-join.ts';
export type { ForeignKeyJoinOptions } from './operators/foreign-key-join.ts';
export type { ForeignKey } from './operators/internal/foreign-key-left.ts';
export type { ToTableOptions } from './operators/to-table.ts';
export type { GroupSelector, TableGroupByOptions } from './operators/table-group-by.ts';
export type { TableAggregateCallbacks } from './operators/internal/pair-steps.ts';
export type { TableAggregateOptions } from './operators/table-aggregate.ts';
export type { TableCountOptions } from './operators/table-count.ts';
export type { TableReduceOptions } from './operators/table-reduce.ts';
export type {
  SuppressForOptions,
  SuppressOptions,
  SuppressUntilCloseOptions,
} from './operators/suppress.ts';
export type { GlobalTableJoinOptions } from './operators/global-table-join.ts';
export type { GraceRules } from './operators/stream-table-join.ts';
export type { ToVersionedTableOptions } from './operators/to-table.ts';
export type { TableMapper } from './operators/table-map-values.ts';
export type {
  PartialMatch,
  PatternMatch,
  PatternOptions,
  PatternStep,
} from './operators/pattern.ts';

// Ready aggregators
export type {
  ReadyAggregator,
  Selector,
} from './operators/internal/aggregators/ready-aggregator.ts';
export type { Numeric, NumericOptions } from './operators/internal/aggregators/numeric.ts';
export { average, type Average } from './operators/internal/aggregators/average.ts';
export { first } from './operators/internal/aggregators/first.ts';
export { last } from './operators/internal/aggregators/last.ts';
export { max } from './operators/internal/aggregators/max.ts';
export { min } from './operators/internal/aggregators/min.ts';
export { sum } from './operators/internal/aggregators/sum.ts';

// Emission
export {
  type EmitPolicy,
  type EmitPolicyOf,
  every,
  type Every,
  type EveryOptions,
  onClose,
  type OnClose,
  onCommit,
  type OnCommit,
  onUpdate,
  type OnUpdate,
  type WindowedEmitPolicy,
} from './operators/internal/emit.ts';

// Windows
export {
  calendar,
  type CalendarOptions,
  type CalendarUnit,
  type CalendarWeekOptions,
  type CalendarWindows,
  type Weekday,
} from './core/model/calendar.ts';
export { unlimited, type UnlimitedOptions, type UnlimitedWindows } from './core/model/unlimited.ts';
export {
  type FixedWindows,
  hopping,
  type HoppingOptions,
  type TimeWindows,
  tumbling,
  type TumblingOptions,
  type Windowed,
} from './core/model/windows.ts';
export { session, type SessionOptions, type SessionWindows } from './core/model/session-windows.ts';
export { sliding, type SlidingOptions, type SlidingWindows } from './core/model/sliding-windows.ts';

// Durations
export { type Duration, durationMs } from './core/model/duration.ts';

// Records
export type { Change, ChangeRecord, Row, StreamRecord } from './core/model/record.ts';
export { type Headers, headersOf, noHeaders } from './core/model/headers.ts';

// Serdes
export type { Serde, SerdeFormat, StoredFormat } from './core/serde/serde.ts';
export type { StandardSchema } from './core/serde/standard-schema.ts';
export { string } from './core/serde/string.ts';
export { bytes } from './core/serde/bytes.ts';
export { bigint64, int32, int64 } from './core/serde/integers.ts';
export { bigint, float64, number } from './core/serde/numbers.ts';
export { json } from './core/serde/json.ts';
export { type MatchedEvent, type NamedEvents, patternMatch } from './core/serde/pattern-match.ts';
export { versioned, type VersionedOptions } from './core/serde/versioned.ts';
export {
  type Ranked,
  type RankedRow,
  ranking,
  type Score,
  tableRanking,
} from './core/serde/ranking.ts';
export { windowed, type WindowForm } from './core/serde/windowed.ts';
export { sessionWindowed } from './core/serde/session-windowed.ts';

// Processors and stores of one's own
export type { ProcessDefinition } from './operators/process.ts';
export type {
  ForwardedValue,
  ProcessValuesDefinition,
  ValueProcessorContext,
} from './operators/process-values.ts';
export type {
  FiredTimer,
  PeriodicSchedule,
  PeriodicTick,
  Processor,
  ProcessorContext,
  RecordMetadata,
  TimerRequest,
} from './core/topology/processor.ts';
export type {
  AnyStoreDefinition,
  Scannable,
  ScanCursor,
  StateBackend,
  StoreDefinition,
  StoreSchema,
} from './core/task/state-port.ts';
export {
  keyValueStore,
  type KeyValueStoreOptions,
  type StoreOptions,
  versionedStore,
  type VersionedStoreOptions,
  windowStore,
} from './state/store-definitions.ts';
export type {
  KeyRange,
  KeyValueStore,
  Version,
  VersionedStore,
  VersionPut,
  WindowRange,
  WindowStore,
} from './state/store.ts';

// Errors and drops
export {
  ConfigError,
  type ErrorPlace,
  LogError,
  type LogErrorClass,
  MillraceError,
  type MillraceErrorOptions,
  ProcessingError,
  SerdeError,
  SinkError,
  type SinkOutcome,
  StoreError,
  TopologyError,
  type TopologyProblem,
  WorkerError,
} from './core/model/errors.ts';
export { type ErrorCode, errorCodes } from './core/model/error-codes.ts';
export type { DropReason, ErrorPolicy, ErrorStage } from './core/model/drop-reason.ts';
export type { DropPlace } from './core/task/task-port.ts';

// Running
export { embedded, type EmbeddedLog, type EmbeddedOptions } from './core/log/embedded/embedded.ts';
export { kafka } from './core/log/kafka/kafka.ts';
export type { KafkaOptions } from './core/log/kafka/kafka-options.ts';
export {
  produce,
  readCommitted,
  type RecordToProduce,
  type TopicSerdes,
} from './core/log/topic-records.ts';
export type { Logger, LogFields } from './core/runtime/logger.ts';
export type { Clock, RandomSource, Runtime, Scheduler } from './core/runtime/runtime.ts';
export type { HttpOptions } from './core/metrics/http/http-options.ts';
export type { RunOptions } from './core/worker/run-options.ts';
export type { CopyStatus, TaskStatus, Worker, WorkerStatus } from './core/worker/worker.ts';
export type { WorkerState } from './core/worker/worker-states.ts';
export { memoryBackend } from './state/memory/memory-backend.ts';

// Sinks
export { type BatchOptions, defineSink, type SinkSpec } from './sinks/define-sink.ts';
export type {
  BatchBounds,
  DeliveryPlace,
  RowFormat,
  Sink,
  SinkBatch,
  SinkConnection,
  SinkPosition,
} from './core/sink/sink.ts';
export type { DeliveryStatus } from './core/sink/delivery-status.ts';
export type { ToSinkOptions } from './operators/to-sink.ts';

// Logs of one's own
export type {
  Admin,
  Assignor,
  CommittedOffset,
  FetchedPartition,
  FetchOptions,
  FetchRequest,
  GroupListener,
  GroupMember,
  GroupMetadata,
  GroupOptions,
  Log,
  MemberAssignment,
  Membership,
  NewTopic,
  OffsetToCommit,
  PartitionBatch,
  PartitionEnds,
  ProduceReceipt,
  Reader,
  ReaderOptions,
  TopicDescription,
  TopicPartition,
  Writer,
  WriterOptions,
} from './core/log/port.ts';
export type { Intercept } from './core/log/embedded/fault-intercept.ts';
export type { RecordBatch } from './core/log/record-batch/record-batch.ts';
export type {
  BatchStamp,
  BuilderMark,
  RecordBatchBuilder,
} from './core/log/record-batch/record-batch-builder.ts';
export { createRecordBatchBuilder } from './core/log/record-batch/encode-batch.ts';

/**
 * Runs a topology as one worker of its application: joins the group, takes its share of the tasks
 * and works until it is closed. Several workers share the tasks out among them.
 *
 * @example
 * ```ts
 * const builder = new TopologyBuilder('shouts');
 * const words = builder.stream('words', { key: string(), value: string() });
 * words.mapValues((word) => word.toUpperCase(), { value: string() }).to('shouted');
 * const worker = await run(builder.build(), { log: embedded(), state: memoryBackend() });
 * worker.state; // => 'running'
 * await worker.close();
 * ```
 * @throws {TopologyError} `TOPIC_MISSING`, `NOT_COPARTITIONED`, or what the manifest refuses
 * @throws {WorkerError} `TOPIC_MISMATCH`, `HTTP_UNAVAILABLE`
 * @throws {ConfigError} `BAD_OPTION`, `BAD_DURATION`
 */
export async function run(topology: Topology, options: RunOptions): Promise<Worker> {
  const settings = workerSettings(options, defaultBackend);
  const { stateDir } = settings;
  return startWorker(topology, settings, {
    hasState: (application, taskId) => hasTaskDirectory(stateDir, application, taskId),
    bytesOf: (application, taskId) => taskDirectoryBytes(stateDir, application, taskId),
  });
}

function defaultBackend({ stateDir, runtime, verify }: BackendSettings): StateBackend {
  return levelBackend({
    directory: stateDir,
    bootId: readBootId(),
    verify,
    sleep: (delayMs) => runtime.scheduler.sleep(delayMs),
  });
}
