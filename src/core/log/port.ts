import type { RecordBatch } from './record-batch/record-batch.ts';
import type { RecordBatchBuilder } from './record-batch/record-batch-builder.ts';

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** The engine's only view of the durable log; `embedded/` implements it. */
export interface Log {
  readonly admin: Admin;
  openReader(options: ReaderOptions): Reader;
  /** Initialises the producer (a new epoch; what its transactional id had open is aborted). */
  openWriter(options: WriterOptions): Promise<Writer>;
  /** Joins the group; resolves once the first assignment has been handed to the listener. */
  joinGroup(options: GroupOptions): Promise<Membership>;
  close(): Promise<void>;
}

/** What a topic is made as. */
export interface TopicShape {
  readonly topic: string;
  readonly partitions: number;
  readonly cleanup: 'delete' | 'compact';
}

export interface TopicDescription extends Omit<TopicShape, 'cleanup'> {
  /** One that is made anew has another; null: the log does not know. */
  readonly id: string | null;
  readonly cleanup: TopicShape['cleanup'] | 'compact,delete';
  /** The largest batch of records that it takes. */
  readonly maxMessageBytes: number;
}

export interface NewTopic extends TopicShape {
  /** Broker settings by their Kafka names. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface PartitionEnds {
  readonly logStartOffset: number;
  /** Every record before it belongs to no open transaction. */
  readonly lastStableOffset: number;
  readonly logEndOffset: number;
}

export interface CommittedOffset {
  readonly offset: number;
  readonly metadata: string;
}

export interface Admin {
  /** The names of all topics that this client may see. */
  listTopics(): Promise<readonly string[]>;
  /** Descriptions of those topics that exist. */
  describeTopics(topics: readonly string[]): Promise<ReadonlyMap<string, TopicDescription>>;
  /** Creates topics; one that exists already is left as it is. */
  createTopics(topics: readonly NewTopic[]): Promise<void>;
  /** The values that some settings of existing topics have, where the log knows them. */
  topicSettings(
    topics: readonly string[],
    names: readonly string[],
  ): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>>;
  /** Deletes topics with all they hold; resolves once none of them is seen any more. */
  deleteTopics(topics: readonly string[]): Promise<void>;
  /** How many members a group has now. */
  groupMembers(group: string): Promise<number>;
  /**
   * Forgets a group with the offsets it has committed; nothing to do for one that is not there.
   *
   * @throws {LogError} `GROUP_NOT_EMPTY`
   */
  deleteGroup(group: string): Promise<void>;
  /** In the order asked for. @throws {LogError} `TOPIC_MISSING`. */
  ends(partitions: readonly TopicPartition[]): Promise<readonly PartitionEnds[]>;
  /**
   * Committed offsets of a group, in the order asked for. `stable`, the default, waits until no
   * transaction has pending offsets for them (`require_stable`); `last` tells what was committed
   * last, whatever is pending: good for finding out who committed, not for going on from there.
   */
  committedOffsets(
    group: string,
    partitions: readonly TopicPartition[],
    kind?: 'stable' | 'last',
  ): Promise<readonly (CommittedOffset | null)[]>;
  /**
   * Ends the life of a producer that is known to be dead: what it had open is aborted, nothing it
   * sends later counts.
   */
  fenceProducer(transactionalId: string): Promise<void>;
  deleteRecords(before: readonly (TopicPartition & { readonly offset: number })[]): Promise<void>;
}

export interface ReaderOptions {
  readonly isolation: 'read-committed' | 'read-uncommitted';
}

export interface FetchRequest extends TopicPartition {
  readonly offset: number;
}

export interface FetchOptions {
  /** Resolve with nothing after this time without data. 0 answers at once. */
  readonly maxWaitMs: number;
  /** Per partition; a first batch larger than that is returned all the same. */
  readonly maxPartitionBytes: number;
}

export interface FetchedPartition extends TopicPartition {
  /** Data batches only: control batches and aborted records are passed over. */
  readonly batches: readonly RecordBatch[];
  /** Where to go on: from batch headers, so markers, aborted records and holes count. */
  readonly nextOffset: number;
  readonly ends: PartitionEnds;
}

/** Fetches without a group. One request at a time. */
export interface Reader {
  /**
   * What is there for the partitions. The answer holds each partition asked for, those without
   * data too (their `ends` tell the lag). @throws {LogError} `OFFSET_OUT_OF_RANGE`,
   * `TOPIC_MISSING`.
   */
  fetch(
    requests: readonly FetchRequest[],
    options: FetchOptions,
  ): Promise<readonly FetchedPartition[]>;
  /** Wakes a waiting fetch, which resolves with what is there. */
  wakeUp(): void;
  close(): Promise<void>;
}

export interface WriterOptions {
  /** Null: idempotent, but not transactional (at-least-once). */
  readonly transactionalId: string | null;
  readonly transactionTimeoutMs: number;
}

export interface PartitionBatch extends TopicPartition {
  readonly batch: RecordBatchBuilder;
}

export interface ProduceReceipt extends TopicPartition {
  readonly baseOffset: number;
}

export interface GroupMetadata {
  readonly group: string;
  readonly generation: number;
  readonly memberId: string;
}

export interface OffsetToCommit extends TopicPartition, CommittedOffset {}

/**
 * Idempotent or transactional produce. Any rejection poisons the writer: its owner discards it and
 * opens a new one. A transaction begins with the first `produce` or `sendOffsets`.
 */
export interface Writer {
  /**
   * Appends batches; resolves when all are acknowledged, with a receipt for each. At most one
   * batch a partition and call; the caller awaits before it sends more to the same partition.
   */
  produce(batches: readonly PartitionBatch[]): Promise<readonly ProduceReceipt[]>;
  /** Transactional: with the transaction. Else: commits them at once. */
  sendOffsets(offsets: readonly OffsetToCommit[], group: GroupMetadata): Promise<void>;
  /** Ends the transaction; nothing to do for one that is not transactional. */
  commit(): Promise<void>;
  abort(): Promise<void>;
  close(): Promise<void>;
}

/** One member as the leader sees it when it assigns. */
export interface GroupMember {
  readonly memberId: string;
  readonly instanceId: string;
  /** What the member said of itself at its last join. */
  readonly userData: Uint8Array;
  /** What the member owned when it joined. */
  readonly owned: readonly TopicPartition[];
}

export interface MemberAssignment {
  readonly partitions: readonly TopicPartition[];
  readonly userData: Uint8Array;
}

/** Decides for the whole group; runs on its leader. */
export type Assignor = (
  members: readonly GroupMember[],
) => Promise<ReadonlyMap<string, MemberAssignment>> | ReadonlyMap<string, MemberAssignment>;

export interface GroupListener {
  /** User data for the next join. */
  userData(): Uint8Array;
  /** Awaited before the rejoin that gives the partitions away: commit and close. */
  onRevoked(partitions: readonly TopicPartition[]): Promise<void>;
  /** The new whole assignment, after each rebalance. Partitions kept are in it too. */
  onAssigned(assignment: MemberAssignment, generation: number): Promise<void>;
  /** The member was thrown out: nothing may be committed any more. A rejoin follows. */
  onLost(): Promise<void>;
  /** The membership cannot go on. */
  onFailed(error: unknown): void;
}

export interface GroupOptions {
  readonly group: string;
  /** What the application reads: while the group lives, offsets committed for it do not expire. */
  readonly topics?: readonly string[];
  /** Static membership: the same id within the session time-out is no rebalance. */
  readonly instanceId: string;
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly assignor: Assignor;
  readonly listener: GroupListener;
}

export interface Membership {
  readonly metadata: GroupMetadata;
  /**
   * Monotonic time up to which the group surely counts the member in: a session time-out after the
   * last request it has answered was sent. Later its partitions may be another's.
   */
  readonly leaseEndsMs: number;
  /** Asks for a rebalance: the user data have changed. */
  rejoin(): void;
  /** Leaves at once; the group rebalances. */
  leave(): Promise<void>;
}
