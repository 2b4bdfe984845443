import { andThen, isPromise, type MaybePromise } from '../../model/maybe-promise.ts';
import type { Clock } from '../../runtime/runtime.ts';
import type { TopicPartition } from '../port.ts';
import { compactPartition } from './compaction.ts';
import type { LogStorage } from './log-storage.ts';
import type { PartitionLog } from './partition-log.ts';
import { expiredBefore } from './retention.ts';
import type { Topic, TopicCatalogue } from './topic-catalogue.ts';

/** A partition is cleaned once it took that many batches, and at least as many as were left. */
const minBatchesTaken = 1000;

interface Due {
  readonly topic: Topic;
  readonly partition: PartitionLog;
}

/** Compacts partitions and applies retention, by itself as they grow. One pass at a time. */
export class Cleaner {
  /** Batches each partition was left with. */
  private readonly left = new Map<PartitionLog, number>();
  private last: MaybePromise<void> = undefined;

  constructor(
    private readonly topics: TopicCatalogue,
    private readonly options: { readonly storage: LogStorage; readonly clock: Clock },
  ) {}

  /** Compacts all partitions of a topic. */
  compact(topic: Topic): MaybePromise<void> {
    return this.inTurn(() => {
      let done: MaybePromise<void> = undefined;
      for (const partition of topic.partitions) {
        done = andThen(done, () => this.clean({ topic, partition }));
      }
      return andThen(done, () => this.options.storage.flush());
    });
  }

  /** Cleans those of the partitions written to that have grown enough. */
  cleanGrown(places: readonly TopicPartition[]): MaybePromise<void> {
    const grown: Due[] = [];
    for (const place of places) {
      const partition = this.topics.partition(place);
      const left = this.left.get(partition) ?? 0;
      if (partition.batches.length < left + Math.max(left, minBatchesTaken)) continue;
      this.left.set(partition, partition.batches.length);
      grown.push({ topic: this.topics.topic(place.topic), partition });
    }
    if (grown.length === 0) return undefined;
    const cleaned = this.inTurn(() => {
      let done: MaybePromise<void> = undefined;
      for (const due of grown) done = andThen(done, () => this.clean(due));
      return andThen(done, () => this.options.storage.flush());
    });
    // Whoever reads a damaged batch, or writes next, is told; this write itself was kept.
    return isPromise(cleaned) ? cleaned.catch(() => undefined) : cleaned;
  }

  private clean({ topic, partition }: Due): MaybePromise<void> {
    const { storage, clock } = this.options;
    const { description, settings } = topic;
    const nowMs = clock.wallClockTimeMs();
    const isCompacted = description.cleanup === 'compact';
    if (!isCompacted) partition.deleteBefore(expiredBefore(partition, settings, nowMs));
    const done = isCompacted
      ? compactPartition(partition, { storage, settings, nowMs })
      : undefined;
    return andThen(done, () => {
      this.left.set(partition, partition.batches.length);
    });
  }

  /** Two passes at once would each drop markers that the other still needs. */
  private inTurn(pass: () => MaybePromise<void>): MaybePromise<void> {
    const before = isPromise(this.last) ? this.last.catch(() => undefined) : undefined;
    this.last = andThen(before, pass);
    return this.last;
  }
}
