import type { PartitionEnds, Reader, TopicPartition } from '../log/port.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { decodeProgress, type ProgressRow } from '../task/progress-row.ts';
import type { Changelog, Restoration } from '../task/restoration.ts';
import type { LocalState } from '../task/state-port.ts';
import type { RestoreSource } from '../task/task-port.ts';
import { acceptableLag } from './assign-members.ts';
import { lastCommittedRow } from './last-row.ts';

/** Nothing is waited for: what is committed is there. */
const fetchOptions = { maxWaitMs: 0, maxPartitionBytes: 1024 * 1024 };

/** A step that took longer is followed by another before the copy counts as caught up. */
const maxLastStepMs = 1000;

/** What a task offers to those who only follow it. */
export interface FollowedTask {
  readonly id: string;
  readonly progressPartition: TopicPartition;
  readonly changelogs: readonly Changelog[];
  readonly localState: LocalState;
  newRestoration(): Restoration;
}

export interface CopyOptions {
  readonly runtime: Runtime;
  /** Once true, a step stops where it is. */
  readonly isCancelled: () => boolean;
}

/** What a step came to. */
interface Followed {
  /** Offsets read. */
  readonly read: number;
  /** False: some of what the row names is not to be seen yet, or the step was cancelled. */
  readonly isComplete: boolean;
}

/**
 * A copy of a task's state that follows its owner: what the owner has committed is applied, with
 * the position in the same batch, and nothing is written to the log. Like a restore it goes up to a
 * progress row; but it waits for nobody, and it comes again.
 */
export class StandbyCopy {
  restoredRecords = 0;
  /** Whether the task would run on it soon; it follows on from then. */
  isReady = false;
  private seenEnd = -1;

  constructor(
    private readonly task: FollowedTask,
    private readonly reader: Reader,
    private readonly options: CopyOptions,
  ) {}

  /** What a step needs the ends of, in this order. */
  get partitions(): readonly TopicPartition[] {
    return [this.task.progressPartition, ...this.task.changelogs];
  }

  /** Sum of the positions in the changelogs. */
  get position(): number {
    let sum = 0;
    for (const position of this.task.localState.position?.changelogs.values() ?? []) {
      sum += position;
    }
    return sum;
  }

  /** Follows up to what was committed at these ends. Answers how many offsets it read. */
  async step([ends, ...changelogEnds]: readonly PartitionEnds[]): Promise<number> {
    if (ends === undefined || ends.lastStableOffset === this.seenEnd) return 0;
    const { runtime, isCancelled } = this.options;
    const startMs = runtime.clock.monotonicTimeMs();
    // What is open behind the last stable offset is left for the next time.
    const settled = { ...ends, logEndOffset: ends.lastStableOffset };
    const place = { ...this.task.progressPartition, ends: settled };
    const row = await lastCommittedRow(this.reader, place, isCancelled);
    if (isCancelled()) return 0;
    const { read, isComplete } = await this.follow(row, changelogEnds);
    if (isCancelled() || !isComplete) return read;
    this.seenEnd = ends.lastStableOffset;
    const tookMs = runtime.clock.monotonicTimeMs() - startMs;
    this.isReady ||= read <= acceptableLag || tookMs <= maxLastStepMs;
    return read;
  }

  private async follow(
    progressRow: Uint8Array | null,
    changelogEnds: readonly PartitionEnds[],
  ): Promise<Followed> {
    if (progressRow === null) return { read: 0, isComplete: true };
    const { localState } = this.task;
    const row = decodeProgress(progressRow);
    // An answer from before, of a server that lags behind: the copy must not be thrown away for it.
    if ((localState.position?.commitNumber ?? 0) > row.commitNumber) {
      return { read: 0, isComplete: false };
    }
    const restoration = this.task.newRestoration();
    const known = { progressRow, committedOffsets: [], inputEnds: [], changelogEnds };
    const nowMs = this.options.runtime.clock.wallClockTimeMs();
    let read = 0;
    let isComplete = true;
    for (const source of await restoration.planCopy(known, nowMs)) {
      const toOffset = Math.min(source.toOffset, this.endIn(row, source));
      const reached = await this.read(restoration, { ...source, toOffset });
      read += reached - source.fromOffset;
      isComplete &&= reached >= toOffset;
    }
    return { read, isComplete };
  }

  private endIn(row: ProgressRow, { topic }: RestoreSource): number {
    const changelog = this.task.changelogs.find((own) => own.topic === topic);
    return changelog === undefined ? 0 : (row.changelogs[changelog.store] ?? 0);
  }

  /** Answers the offset reached: less than asked for where the end is not stable yet. */
  private async read(
    restoration: Restoration,
    { topic, partition, fromOffset, toOffset }: RestoreSource,
  ): Promise<number> {
    const { clock, scheduler } = this.options.runtime;
    let offset = fromOffset;
    while (offset < toOffset && !this.options.isCancelled()) {
      const startMs = clock.monotonicTimeMs();
      const [fetched] = await this.reader.fetch([{ topic, partition, offset }], fetchOptions);
      if (fetched === undefined || fetched.nextOffset <= offset) break;
      await restoration.apply(fetched);
      this.restoredRecords += fetched.batches.reduce((sum, { count }) => sum + count, 0);
      offset = fetched.nextOffset;
      // Half of the time belongs to the tasks that run here.
      const tookMs = clock.monotonicTimeMs() - startMs;
      if (tookMs >= 1) await scheduler.sleep(tookMs);
      else await scheduler.yieldNow();
    }
    return offset;
  }
}
