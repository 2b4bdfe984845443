import { partitionName } from '../log/partition-name.ts';
import type { Admin, Log, PartitionEnds, Reader, TopicPartition } from '../log/port.ts';
import { isPromise, type MaybePromise } from '../model/maybe-promise.ts';
import type { Scheduler } from '../runtime/runtime.ts';
import type { RestoreSource, TaskPort } from '../task/task-port.ts';
import { lastCommittedRow } from './last-row.ts';

/** A fetch that an open transaction holds back waits this long before it looks around. */
const fetchOptions = { maxWaitMs: 100, maxPartitionBytes: 4 * 1024 * 1024 };

export interface TaskRestoreOptions {
  readonly log: Log;
  readonly group: string;
  /** Has its turn between two fetches, so that other tasks go on working. */
  readonly scheduler: Scheduler;
  /** Once true, the restore stops where it is. */
  readonly isCancelled: () => boolean;
  /** Told after each step. */
  readonly onProgress: (step: RestoreStep) => void;
}

/** What one step of a restore came to. */
export interface RestoreStep {
  /** Records read in this step. */
  readonly records: number;
  /** Offsets still to be read: as many records, less what was compacted away. */
  readonly remaining: number;
}

/**
 * Brings an opened task to its last commit and starts it. The order matters: offsets are read
 * stable first, so nothing that could still count is pending; then the progress row; then the ends
 * of the changelogs, none of which may lie before what the row names; then up to these ends,
 * committed records only. A transaction that somebody left open before an end is
 * waited for: behind it lies what others have committed since.
 */
export async function restoreTask(task: TaskPort, options: TaskRestoreOptions): Promise<void> {
  const { log, group, isCancelled } = options;
  const { admin } = log;
  const committed = await admin.committedOffsets(group, task.inputs);
  const [progressEnds] = await admin.ends([task.progressPartition]);
  const reader = log.openReader({ isolation: 'read-committed' });
  try {
    const place = { ...task.progressPartition, ends: progressEnds };
    const progressRow = await lastCommittedRow(reader, place, isCancelled);
    if (isCancelled()) return;
    const ends = await endsOf(admin, [...task.inputs, ...task.changelogs]);
    const sources = await task.restoreFrom({
      progressRow,
      committedOffsets: committed.map((own) => own?.offset ?? null),
      inputEnds: ends.slice(0, task.inputs.length),
      changelogEnds: ends.slice(task.inputs.length),
    });
    let remaining = sources.reduce(
      (sum, { fromOffset, toOffset }) => sum + toOffset - fromOffset,
      0,
    );
    const onRead = (records: number, offsets: number) => {
      remaining = Math.max(0, remaining - offsets);
      options.onProgress({ records, remaining });
    };
    onRead(0, 0);
    for (const source of sources) await readChangelog(task, source, { ...options, reader, onRead });
    if (!isCancelled()) await task.start();
  } finally {
    await reader.close();
  }
}

/** In the order asked for. An input may be a changelog too, and a broker is asked for it once. */
async function endsOf(
  admin: Admin,
  partitions: readonly TopicPartition[],
): Promise<readonly PartitionEnds[]> {
  const distinct = new Map(partitions.map((own) => [partitionName(own), own]));
  const ends = await admin.ends([...distinct.values()]);
  const names = [...distinct.keys()];
  return partitions.map((own) => ends[names.indexOf(partitionName(own))] as PartitionEnds); // each is asked
}

interface ChangelogReadOptions extends TaskRestoreOptions {
  readonly reader: Reader;
  readonly onRead: (records: number, offsets: number) => void;
}

async function readChangelog(
  task: TaskPort,
  { topic, partition, fromOffset, toOffset }: RestoreSource,
  options: ChangelogReadOptions,
): Promise<void> {
  const { reader, onRead, scheduler, isCancelled } = options;
  let offset = fromOffset;
  // One chunk is written while the next is read and decoded.
  let written: MaybePromise<void> = undefined;
  try {
    while (offset < toOffset && !isCancelled()) {
      const [fetched] = await reader.fetch([{ topic, partition, offset }], fetchOptions);
      if (fetched !== undefined && fetched.nextOffset > offset) {
        const next = task.restore(fetched);
        // Awaited below; until then its failure must not count as one that nobody looks at.
        if (isPromise(next)) next.catch(() => undefined);
        await written;
        written = next;
        const records = fetched.batches.reduce((sum, { count }) => sum + count, 0);
        onRead(records, fetched.nextOffset - offset);
        offset = fetched.nextOffset;
      }
      await scheduler.yieldNow();
    }
  } finally {
    await written;
  }
}
