import { setTimeout as sleep } from 'node:timers/promises';
import type { Log, TopicPartition } from '../../src/core/log/port.ts';
import type { Worker } from '../../src/index.ts';
import { isAtEnd } from './read-topic.ts';

const pollMs = 5;

/**
 * Sum of the group's committed offsets: records processed, for topics without markers and holes.
 */
export async function committedRecords(
  log: Log,
  group: string,
  partitions: readonly TopicPartition[],
): Promise<number> {
  const committed = await log.admin.committedOffsets(group, partitions);
  return committed.reduce((sum, position) => sum + (position?.offset ?? 0), 0);
}

export interface AwaitedCommit {
  readonly group: string;
  readonly partitions: readonly TopicPartition[];
  readonly target: number;
  readonly worker: Worker;
}

/** Resolves with the records committed, once they are at least `target`; rejects as the worker. */
export async function untilCommitted(
  log: Log,
  { group, partitions, target, worker }: AwaitedCommit,
): Promise<number> {
  for (;;) {
    const records = await committedRecords(log, group, partitions);
    if (records >= target) return records;
    await Promise.race([sleep(pollMs), worker.finished]);
  }
}

/** Resolves once the group has committed past the last record of each partition. */
export async function untilCaughtUp(
  log: Log,
  group: string,
  partitions: readonly TopicPartition[],
): Promise<void> {
  for (const partition of partitions) {
    for (;;) {
      const [committed] = await log.admin.committedOffsets(group, [partition]);
      const [ends] = await log.admin.ends([partition]);
      const offset = committed?.offset ?? ends?.logStartOffset ?? 0;
      if (await isAtEnd(log, partition, offset)) break;
      await sleep(pollMs);
    }
  }
}
