import type { Log, Reader } from '../log/port.ts';
import type { RestoreSource, TaskPort } from '../task/task-port.ts';
import { lastCommittedRow } from './last-row.ts';

const fetchOptions = { maxWaitMs: 0, maxPartitionBytes: 4 * 1024 * 1024 };

export interface TaskRestoreOptions {
  readonly log: Log;
  readonly group: string;
  /** Resolves between two fetches, so that other tasks go on working. */
  readonly yieldNow: () => Promise<void>;
  /** Once true, the restore stops where it is. */
  readonly isCancelled: () => boolean;
  readonly onRestored: (records: number) => void;
}

/**
 * Brings an opened task to its last commit and starts it. The order matters: offsets are read
 * stable first, so nothing is pending any more; then the ends of the changelogs; then up to these
 * ends, committed records only. False: it was cancelled.
 */
export async function restoreTask(task: TaskPort, options: TaskRestoreOptions): Promise<boolean> {
  const { log, group } = options;
  const { admin } = log;
  const committed = await admin.committedOffsets(group, task.inputs);
  const [progressEnds, ...changelogEnds] = await admin.ends([
    task.progressPartition,
    ...task.changelogs,
  ]);
  const reader = log.openReader({ isolation: 'read-committed' });
  try {
    const progressRow =
      progressEnds === undefined
        ? null
        : await lastCommittedRow(reader, task.progressPartition, progressEnds);
    const sources = await task.restoreFrom({
      progressRow,
      committedOffsets: committed.map((own) => own?.offset ?? null),
      changelogEnds,
    });
    for (const source of sources) {
      if (!(await readChangelog(task, source, { ...options, reader }))) return false;
    }
    await task.start();
    return true;
  } finally {
    await reader.close();
  }
}

async function readChangelog(
  task: TaskPort,
  { topic, partition, fromOffset, toOffset }: RestoreSource,
  options: TaskRestoreOptions & { readonly reader: Reader },
): Promise<boolean> {
  let offset = fromOffset;
  while (offset < toOffset) {
    if (options.isCancelled()) return false;
    const [fetched] = await options.reader.fetch([{ topic, partition, offset }], fetchOptions);
    if (fetched === undefined || fetched.nextOffset <= offset) break;
    await task.restore(fetched);
    options.onRestored(fetched.batches.reduce((sum, { count }) => sum + count, 0));
    offset = fetched.nextOffset;
    await options.yieldNow();
  }
  return true;
}
