import { partitionName } from '../log/partition-name.ts';
import type { CommittedOffset, Log, TopicPartition } from '../log/port.ts';
import { LogError } from '../model/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import type { ScheduledCall, Scheduler } from '../runtime/runtime.ts';
import { decodeCommitMetadata } from '../task/commit-metadata.ts';
import type { AssignableTask } from './assignable-task.ts';

const purgeIntervalMs = 30_000;

export interface RepartitionPurgeOptions {
  readonly log: Log;
  readonly group: string;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  /** Every task of the application. */
  readonly all: readonly AssignableTask[];
  /** What the tasks that run here read. */
  readonly inputs: () => readonly TopicPartition[];
  readonly onFailed: (error: unknown) => void;
}

interface Deletion extends TopicPartition {
  readonly offset: number;
}

/**
 * Deletes what was read of repartition topics, now and then: nobody else reads them, and their own
 * retention keeps everything. Only offsets that the group has answered count, never what was read
 * or is being committed. No task depends on it, so a refusal ends the purge alone.
 */
export class RepartitionPurge {
  private readonly topics: ReadonlySet<string>;
  /** Where each partition begins since its last purge. */
  private readonly purged = new Map<string, number>();
  private isStopped = false;
  private next: ScheduledCall | null = null;
  private deletion: Promise<void> | null = null;

  constructor(private readonly options: RepartitionPurgeOptions) {
    this.topics = repartitionTopics(options.all);
  }

  start(): void {
    if (this.topics.size > 0) this.schedule();
  }

  /** Once it has resolved nothing is deleted any more. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.next?.cancel();
    await this.deletion?.catch(() => undefined);
  }

  /** The next one begins only after this one has ended. */
  private schedule(): void {
    if (this.isStopped) return;
    this.next = this.options.scheduler.after(purgeIntervalMs, () => {
      this.purge()
        .catch((error: unknown) => this.hasFailed(error))
        .then(() => this.schedule())
        .catch(this.options.onFailed);
    });
  }

  private async purge(): Promise<void> {
    const { log, group, inputs } = this.options;
    const places = inputs().filter(({ topic }) => this.topics.has(topic));
    if (places.length === 0) return;
    const committed = await log.admin.committedOffsets(group, places);
    const before = places.flatMap((place, index) =>
      this.deletionOf(place, committed[index] ?? null),
    );
    if (this.isStopped || before.length === 0) return;
    this.deletion = log.admin.deleteRecords(before);
    await this.deletion;
    for (const place of before) this.purged.set(partitionName(place), place.offset);
  }

  private deletionOf(
    { topic, partition }: TopicPartition,
    committed: CommittedOffset | null,
  ): Deletion[] {
    // Another program's offset, set by hand say, does not tell what the tasks have processed.
    if (committed === null || decodeCommitMetadata(committed.metadata) === null) return [];
    const { offset } = committed;
    const purged = this.purged.get(partitionName({ topic, partition })) ?? 0;
    return offset > purged ? [{ topic, partition, offset }] : [];
  }

  private hasFailed(error: unknown): void {
    if (this.isStopped) return;
    if (!(error instanceof LogError)) return this.options.onFailed(error);
    const { code, message, errorClass } = error;
    const { logger } = this.options;
    if (errorClass !== 'fatal') {
      logger.debug(`Repartition topics are purged later: ${message}`, { code });
      return;
    }
    this.isStopped = true;
    logger.warn(`Repartition topics are not purged any more by this worker, and grow: ${message}`, {
      code,
    });
  }
}

/** A user's topic that is called like one is none. */
function repartitionTopics(all: readonly AssignableTask[]): ReadonlySet<string> {
  return new Set(
    all.flatMap(({ subTopology }) =>
      subTopology.inputs.flatMap(({ topic, node }) => (node.type === 'repartition' ? topic : [])),
    ),
  );
}
