import type { DropReason, ErrorPolicy } from '../model/drop-reason.ts';
import type { Row, StreamRecord } from '../model/record.ts';
import type { Serde } from '../serde/serde.ts';
import type { Sink } from '../sink/sink.ts';
import type { AnyStoreDefinition, StoreDefinition } from '../task/state-port.ts';
import type { OperatorContext, Processor } from './processor.ts';

/** A frozen node of the plan. Core runs it by its type alone and knows no operator by `kind`. */
export type PlanNode = SourceNode | GlobalNode | OperatorNode | RepartitionNode | SinkNode;

interface NodeBase {
  /** Unique in the topology; its author's where the node owns state or an internal topic. */
  readonly name: string;
  /** What the author called: 'filter', 'count', ...; shown by `describe()`. */
  readonly kind: string;
  /** The nodes whose records it gets. */
  readonly parents: readonly PlanNode[];
  /** Plain data for `describe()`: windows, emission, ... */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Where a source takes the event time from. */
export interface TimestampExtractor<K = unknown, V = unknown> {
  readonly kind: 'record-time' | 'value-time' | 'wall-clock';
  /** Only for `value-time`; `partitionTimeMs` is the greatest of the partition, -1 at first. */
  readonly extract?: (value: V, key: K | null, partitionTimeMs: number) => number;
}

export interface SourceNode extends NodeBase {
  readonly type: 'source';
  readonly topic: string;
  readonly key: Serde<unknown>;
  readonly value: Serde<unknown>;
  /** Table sources come first in topic order; null keys and null values are judged by the type. */
  readonly isTable: boolean;
  readonly timestamps: TimestampExtractor;
  readonly onInvalidTimestamp: 'drop' | 'partition-time' | 'fail';
  /** How far ahead of the clock a timestamp may be; null: what the runner of the task says. */
  readonly maxFutureMs: number | 'off' | null;
  /** Streams: whether null values pass; else they are dropped as `null-value`. */
  readonly tombstones: 'keep' | 'drop';
  /** Stream time follows the clock, so far behind it, while nothing comes; null: it stands. */
  readonly idleAdvanceMs: number | null;
  /** Null where the topology's default holds. */
  readonly onDeserializationError: ErrorPolicy | null;
}

/** A topic that every worker reads whole, into a store that all its tasks look rows up in. */
export interface GlobalNode extends NodeBase {
  readonly type: 'global';
  readonly topic: string;
  readonly key: Serde<unknown>;
  readonly value: Serde<unknown>;
  /** How its records are read; no node of the plan, since no task reads it. */
  readonly source: SourceNode;
  readonly rows: StoreDefinition<GlobalRows>;
}

/** What the engine has to do with the store of a global table. */
export interface GlobalRows {
  get(key: unknown): Row<unknown> | undefined;
  put(key: unknown, row: Row<unknown> | null): void;
}

export interface OperatorNode extends NodeBase {
  readonly type: 'operator';
  readonly stores: readonly AnyStoreDefinition[];
  /** Tables it reads by key, without getting their records: same task or global, but no time. */
  readonly lookups: readonly PlanNode[];
  /** Whether it sets persistent timers. */
  readonly hasTimers: boolean;
  /** Whether records may leave with another key than they came with. */
  readonly changesKey: boolean;
  /** Whether equal partitioning of all inputs is needed (joins). */
  readonly isCopartitioned: boolean;
  /** Set where the node is a table that others may look rows up in. */
  readonly table: TableNode | null;
  readonly onProcessingError: ErrorPolicy | null;
  /**
   * Set where a call is made for each record: its processor gets the record once the call has
   * ended, with the result as its value. What is behind has a stream time of its own.
   */
  readonly calls: CallSettings | null;
  /** Set where its records are rows for a system outside: a task of its own delivers them. */
  readonly delivery: Sink<never> | null;
  readonly createProcessor: (
    context: OperatorContext<unknown, unknown>,
  ) => Processor<unknown, unknown>;
}

/** One attempt of a call. */
export interface CallAttempt {
  /** Aborted when the attempt has run out of time, or its result is not wanted any more. */
  readonly signal: AbortSignal;
}

/** The calls of an asynchronous operator. */
export interface CallSettings {
  /** Gives the result or a promise of it. Begun once the unit that brought the record is over. */
  readonly make: (record: StreamRecord<unknown, unknown>, attempt: CallAttempt) => unknown;
  /** Calls begun whose results have not left yet, per task. */
  readonly maxInFlight: number;
  /** Of one attempt. */
  readonly timeoutMs: number;
  /** Attempts after the first. */
  readonly retries: number;
  /** How long to wait after the attempt of this number, the first being 1, has failed. */
  readonly backoffMs: (attempt: number) => number;
  /** Results of one lane leave in the order their records came; null: as they end. */
  readonly laneOf: (key: unknown) => string | null;
}

/** How the rows of a table node are found: its last forwarded `new` for a key (lookup law). */
export interface TableNode {
  /** Why the table cannot be joined, as a problem of the plan; null if it can. */
  readonly notVisible: string | null;
  /** How far back rows can be looked up as of a time; null: only as they are now. */
  readonly historyMs?: number | null;
  open(context: LookupContext): TableLookup;
}

/** Finds the row of a key; in a versioned table the one valid at `asOfMs`, where that is given. */
export type TableLookup<K = unknown, V = unknown> = (key: K, asOfMs?: number) => Row<V> | null;

/** What a lookup may reach: the stores of the task and the lookups of the parents. */
export interface LookupContext {
  store<S>(definition: StoreDefinition<S>): S;
  lookup(table: PlanNode): TableLookup;
  /** The committed `closedMs` of a node in the task. */
  closedMs(node: PlanNode): number;
}

/** Writes the records of its parents to an internal topic; its children read them from there. */
export interface RepartitionNode extends NodeBase {
  readonly type: 'repartition';
  /** What its topic is called behind `<application>-`. */
  readonly topicName: string;
  /** Whether each record names its partition, whatever its key says. */
  readonly isAddressed: boolean;
  readonly key: Serde<unknown>;
  readonly value: Serde<unknown>;
  /** Null: as many as the user topics it meets, else the greatest of its sources'. */
  readonly partitions: number | null;
  readonly partitioner: Partitioner | null;
  readonly onProductionError: ErrorPolicy | null;
}

export interface SinkNode extends NodeBase {
  readonly type: 'sink';
  readonly topic: string | ((value: unknown, key: unknown) => string);
  readonly key: Serde<unknown>;
  readonly value: Serde<unknown>;
  readonly partitioner: Partitioner | null;
  readonly onProductionError: ErrorPolicy | null;
}

/** Chooses the partition of a record; the name is its identity, so a change of it is noticed. */
export interface Partitioner<K = unknown, V = unknown> {
  readonly name: string;
  partition(key: K, value: V, partitions: number): number;
}

/** Drops that give a dead letter, by their reasons. */
export type DeadLetterDrops = 'all' | readonly DropReason[];

/** The settings of a topology that nodes fall back on. */
export interface TopologySettings {
  readonly application: string;
  readonly deadLetterTopic: string | null;
  /** The reasons of drops that give a dead letter too. */
  readonly deadLetterDrops: DeadLetterDrops;
  /** 'off': no stop when most records of a partition are in error. */
  readonly breaker: 'on' | 'off';
  /** Whether dead letters carry the stack. */
  readonly stack: 'include' | 'omit';
}

/** What `build()` returns: checked and frozen. */
export interface Topology extends TopologySettings {
  /** In plan order: the order of declaration. */
  readonly nodes: readonly PlanNode[];
  readonly subTopologies: readonly SubTopology[];
  /** Names of before, by the names of now, as operators declare them. */
  readonly renames: ReadonlyMap<string, string>;
  describe(options?: { readonly as?: DescribeFormat }): string;
}

/** Kafka Streams' own text, drawings, or data for programs. */
export type DescribeFormat = 'text' | 'mermaid' | 'dot' | 'json';

/** A connected part of the plan, cut where records are repartitioned. */
export interface SubTopology {
  /** The least name of its inputs; repartition topics by their short name. */
  readonly id: string;
  /** Inputs in topic order: table sources, other sources, repartition nodes by name. */
  readonly inputs: readonly InputTopic[];
  /** Operators and sinks in plan order, repartition nodes it writes included. */
  readonly nodes: readonly PlanNode[];
  readonly stores: readonly AnyStoreDefinition[];
  readonly hasTimers: boolean;
  /** Groups of inputs that need equal partition counts. */
  readonly copartitioned: readonly (readonly InputTopic[])[];
  /** Time domain of each node (sources and repartition inputs included), by name: 0, 1, ... */
  readonly timeDomains: ReadonlyMap<string, number>;
}

export interface InputTopic {
  /** The user's topic, or `<application>-<topicName>`. */
  readonly topic: string;
  readonly node: SourceNode | RepartitionNode;
}
