import { invariant } from '../../model/invariant.ts';
import { andThen, isPromise, type MaybePromise } from '../../model/maybe-promise.ts';
import type { Clock } from '../../runtime/runtime.ts';
import type {
  CommittedOffset,
  FetchedPartition,
  FetchRequest,
  GroupMetadata,
  NewTopic,
  OffsetToCommit,
  PartitionEnds,
  ProduceReceipt,
  ReaderOptions,
  TopicDescription,
  TopicPartition,
} from '../port.ts';
import type { TransactionOutcome } from '../record-batch/control-batch.ts';
import { logClosed, offsetOutOfRange } from '../log-errors.ts';
import { groupNotEmpty } from '../group/errors.ts';
import { ChangeSignal } from './change-signal.ts';
import { Cleaner } from './cleaner.ts';
import { CommittedOffsets } from './committed-offsets.ts';
import { fetchPartition } from './fetch-partition.ts';
import type { GroupGenerations } from './generations.ts';
import type { LogStorage } from './log-storage.ts';
import { appendAll, type BatchToAppend } from './produce.ts';
import { reloadLog } from './reload.ts';
import { expiredBefore } from './retention.ts';
import { TopicCatalogue } from './topic-catalogue.ts';
import { type ProducerIdentity, Transactions } from './transactions.ts';

export interface BrokerOptions {
  readonly storage: LogStorage;
  readonly clock: Clock;
  readonly groups: GroupGenerations;
  /** Of a user topic that is made on its first use. */
  readonly partitions: number;
  /** The largest record, unless its topic has `max.message.bytes`. */
  readonly maxMessageBytes: number;
}

export interface BrokerFetchOptions extends ReaderOptions {
  readonly maxPartitionBytes: number;
}

/**
 * A broker inside the process. Over memory every operation answers at once, over a directory with
 * a promise that resolves when the change is kept. `open` comes first; over memory it may be left
 * out.
 */
export class EmbeddedBroker {
  /** Tells of appended batches, ended transactions and the close. */
  readonly changes = new ChangeSignal();
  private readonly topics: TopicCatalogue;
  private readonly committed: CommittedOffsets;
  private readonly transactions: Transactions;
  private readonly cleaner: Cleaner;
  private opening: { readonly done: MaybePromise<void> } | null = null;
  private state: 'new' | 'open' | 'closed' = 'new';

  constructor(private readonly options: BrokerOptions) {
    const { storage, clock } = options;
    this.topics = new TopicCatalogue(storage, options);
    this.committed = new CommittedOffsets(storage);
    this.transactions = new Transactions(storage, clock, this.committed);
    this.cleaner = new Cleaner(this.topics, { storage, clock });
  }

  /** Reads what an earlier life left and aborts what it had open. @throws {LogError} `LOG_IO`. */
  open(): MaybePromise<void> {
    this.opening ??= { done: this.reload() };
    return this.opening.done;
  }

  /** Those of the topics that exist; a user topic that does not is made. */
  describeTopics(names: readonly string[]): MaybePromise<ReadonlyMap<string, TopicDescription>> {
    this.enter();
    const found = new Map<string, TopicDescription>();
    for (const name of names) {
      const topic = this.topics.findOrCreate(name);
      if (topic !== null) found.set(name, topic.description);
    }
    return this.kept(found);
  }

  createTopics(topics: readonly NewTopic[]): MaybePromise<void> {
    this.enter();
    for (const topic of topics) this.topics.create(topic);
    return this.kept(undefined);
  }

  listTopics(): readonly string[] {
    this.enter();
    return [...this.topics.all()].map(({ description }) => description.topic);
  }

  topicSettings(
    topics: readonly string[],
    names: readonly string[],
  ): ReadonlyMap<string, ReadonlyMap<string, string>> {
    this.enter();
    const wanted = new Set(topics);
    const found = [...this.topics.all()].filter(({ description }) => wanted.has(description.topic));
    return new Map(
      found.map(({ description, settings }) => {
        const known = new Map([['cleanup.policy', description.cleanup], ...settings]);
        return [description.topic, new Map([...known].filter(([name]) => names.includes(name)))];
      }),
    );
  }

  /** With the offsets that groups have committed for them. */
  deleteTopics(topics: readonly string[]): MaybePromise<void> {
    this.enter();
    for (const topic of topics) {
      this.topics.delete(topic);
      this.committed.forgetTopic(topic);
    }
    this.changes.notify();
    return this.kept(undefined);
  }

  groupMembers(group: string): number {
    this.enter();
    return this.options.groups.memberCount?.(group) ?? 0;
  }

  /** @throws {LogError} `GROUP_NOT_EMPTY` */
  deleteGroup(group: string): MaybePromise<void> {
    this.enter();
    const members = this.groupMembers(group);
    if (members > 0) throw groupNotEmpty(group, members);
    this.committed.forgetGroup(group);
    return this.kept(undefined);
  }

  ends(partitions: readonly TopicPartition[]): readonly PartitionEnds[] {
    this.enter();
    return partitions.map((place) => this.topics.partition(place).ends);
  }

  /** A new epoch of a transactional id; what it had open is aborted. Null: idempotent only. */
  initProducer(transactionalId: string | null, timeoutMs: number): MaybePromise<ProducerIdentity> {
    this.enter();
    const identity = this.transactions.initProducer(transactionalId, timeoutMs);
    this.changes.notify();
    return this.kept(identity);
  }

  /** Appends finished batches, at most one a partition: all of them or, with an error, none. */
  produce(
    identity: ProducerIdentity,
    batches: readonly BatchToAppend[],
  ): MaybePromise<readonly ProduceReceipt[]> {
    this.enter();
    const { topics, transactions } = this;
    const receipts = appendAll(identity, batches, { topics, transactions });
    this.changes.notify();
    const kept = this.kept(receipts);
    return andThen(kept, () => andThen(this.cleaner.cleanGrown(batches), () => receipts));
  }

  /** Offsets of a group, with the producer's transaction. */
  sendOffsets(
    identity: ProducerIdentity,
    offsets: readonly OffsetToCommit[],
    metadata: GroupMetadata,
  ): MaybePromise<void> {
    this.enter();
    this.transactions.checkEpoch(identity);
    this.options.groups.check(metadata);
    this.transactions.addOffsets(identity, metadata.group, offsets);
    return this.kept(undefined);
  }

  /** Offsets of a group, at once. */
  commitOffsets(offsets: readonly OffsetToCommit[], metadata: GroupMetadata): MaybePromise<void> {
    this.enter();
    this.options.groups.check(metadata);
    for (const offset of offsets) this.committed.set(metadata.group, offset);
    return this.kept(undefined);
  }

  /** Ends a producer's transaction: markers, offsets and visibility in one step. */
  endTransaction(identity: ProducerIdentity, outcome: TransactionOutcome): MaybePromise<void> {
    this.enter();
    this.transactions.end(identity, outcome);
    this.changes.notify();
    return this.kept(undefined);
  }

  /** A transaction that is still open would move one of these offsets. */
  hasPendingOffsets(group: string, partitions: readonly TopicPartition[]): boolean {
    this.enter();
    return this.transactions.hasPendingOffsets(group, partitions);
  }

  committedOffsets(
    group: string,
    partitions: readonly TopicPartition[],
  ): readonly (CommittedOffset | null)[] {
    this.enter();
    return partitions.map((place) => this.committed.get(group, place));
  }

  /** What is there now. @throws {LogError} `OFFSET_OUT_OF_RANGE`, `TOPIC_MISSING`. */
  fetch(
    requests: readonly FetchRequest[],
    options: BrokerFetchOptions,
  ): MaybePromise<readonly FetchedPartition[]> {
    this.enter();
    const fetched = requests.map((request) =>
      fetchPartition(this.topics.partition(request), request, options, this.options.storage),
    );
    const isThere = (one: MaybePromise<FetchedPartition>): one is FetchedPartition =>
      !isPromise(one);
    return fetched.every(isThere) ? fetched : Promise.all(fetched);
  }

  /** Moves the start of partitions. @throws {LogError} `OFFSET_OUT_OF_RANGE` beyond the end. */
  deleteRecords(
    before: readonly (TopicPartition & { readonly offset: number })[],
  ): MaybePromise<void> {
    this.enter();
    const partitions = before.map((place) => this.topics.partition(place));
    before.forEach((place, index) => {
      const ends = partitions[index]?.ends;
      if (ends !== undefined && place.offset > ends.logEndOffset)
        throw offsetOutOfRange(place, ends);
    });
    before.forEach(({ offset }, index) => partitions[index]?.deleteBefore(offset));
    return this.kept(undefined);
  }

  /** Keeps the last value of each key of a compacted topic, up to the last stable offset. */
  compact(topic: string): MaybePromise<void> {
    this.enter();
    const found = this.topics.topic(topic);
    return found.description.cleanup === 'compact' ? this.cleaner.compact(found) : undefined;
  }

  /** Deletes what `retention.ms` and `retention.bytes` of the topics no longer keep. */
  applyRetention(): MaybePromise<void> {
    this.enter();
    const nowMs = this.options.clock.wallClockTimeMs();
    for (const { description, settings, partitions } of this.topics.all()) {
      if (description.cleanup !== 'delete') continue;
      for (const partition of partitions) {
        partition.deleteBefore(expiredBefore(partition, settings, nowMs));
      }
    }
    return this.kept(undefined);
  }

  close(): MaybePromise<void> {
    if (this.state === 'closed') return undefined;
    this.state = 'closed';
    this.changes.notify();
    const { storage } = this.options;
    const done = this.opening?.done;
    // What could not be opened was said to whoever opened it.
    const settled = isPromise(done) ? done.catch(() => undefined) : undefined;
    return andThen(settled, () => storage.close());
  }

  private reload(): MaybePromise<void> {
    const { storage, clock } = this.options;
    const { topics, transactions, committed } = this;
    const parts = { topics, transactions, committed, nowMs: clock.wallClockTimeMs() };
    return andThen(
      andThen(storage.open(), () => reloadLog(storage, parts)),
      () => {
        if (this.state === 'new') this.state = 'open';
      },
    );
  }

  /** The door: closed logs refuse, and transactions past their time are aborted first. */
  private enter(): void {
    if (this.state === 'closed') throw logClosed();
    if (this.state === 'new') {
      invariant(!isPromise(this.open()), 'A broker over a directory is used before it is open.');
    }
    if (this.transactions.abortExpired()) this.changes.notify();
  }

  /** The answer, once the storage has what was queued. */
  private kept<T>(answer: T): MaybePromise<T> {
    return andThen(this.options.storage.flush(), () => answer);
  }
}
