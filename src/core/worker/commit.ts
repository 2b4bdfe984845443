import { partitionName } from '../log/partition-name.ts';
import type { GroupMetadata, PartitionBatch, ProduceReceipt, Writer } from '../log/port.ts';
import { invariant } from '../model/invariant.ts';
import type { TaskCommit, TaskPort } from '../task/task-port.ts';

export interface PreparedTask {
  readonly task: TaskPort;
  readonly commit: TaskCommit;
}

/** Closes the interval of all tasks: what they do from now on is for the next commit. */
export async function prepareTasks(tasks: readonly TaskPort[]): Promise<readonly PreparedTask[]> {
  const prepared: PreparedTask[] = [];
  for (const task of tasks) {
    const commit = task.isDirty ? await task.prepareCommit() : null;
    if (commit !== null) prepared.push({ task, commit });
  }
  return prepared;
}

/**
 * Makes everything the tasks did durable together ("The commit" in docs/ARCHITECTURE.md): outputs
 * and changelogs, then the progress rows that name their offsets, then the input offsets with the
 * group's generation, then the end of the transaction; only after the log said yes, the local
 * state. Under at-least-once the same steps without a transaction. Any rejection leaves the
 * outcome to a new writer: the tasks must be closed and restored.
 */
export async function commitTasks(
  prepared: readonly PreparedTask[],
  writer: Writer,
  group: GroupMetadata,
): Promise<void> {
  const receipts = await produceAll(
    writer,
    prepared.map(({ commit }) => commit.batches),
  );
  const progress = prepared.map(({ task }, index) => task.progressBatch(receipts[index] ?? []));
  await produceAll(writer, [progress]);
  await writer.sendOffsets(
    prepared.flatMap(({ commit }) => commit.offsets),
    group,
  );
  await writer.commit();
  await writeLocally(prepared);
}

/**
 * Each task has a database of its own: their batches are written at the same time. A failure is
 * thrown once none is being written any more, for the tasks are closed then.
 */
async function writeLocally(prepared: readonly PreparedTask[]): Promise<void> {
  const writes = await Promise.allSettled(prepared.map(async ({ task }) => task.committed()));
  for (const write of writes) if (write.status === 'rejected') throw write.reason;
}

interface Queued {
  readonly batch: PartitionBatch;
  readonly group: number;
  readonly index: number;
}

/**
 * Produces lists of batches and answers with receipts in the same shape. One request holds at most
 * one batch of a partition, so further ones wait for its acknowledgement.
 */
async function produceAll(
  writer: Writer,
  lists: readonly (readonly PartitionBatch[])[],
): Promise<ProduceReceipt[][]> {
  const receipts: ProduceReceipt[][] = lists.map(() => []);
  let queue: Queued[] = lists.flatMap((list, group) =>
    list.map((batch, index) => ({ batch, group, index })),
  );
  while (queue.length > 0) {
    const [now, later] = firstOfEachPartition(queue);
    const answered = await writer.produce(now.map(({ batch }) => batch));
    for (const [at, { group, index }] of now.entries()) {
      const receipt = answered[at];
      invariant(receipt !== undefined, 'Each batch has a receipt.');
      (receipts[group] ?? [])[index] = receipt;
    }
    queue = later;
  }
  return receipts;
}

function firstOfEachPartition(queue: readonly Queued[]): [Queued[], Queued[]] {
  const seen = new Set<string>();
  const now: Queued[] = [];
  const later: Queued[] = [];
  for (const queued of queue) {
    const name = partitionName(queued.batch);
    if (seen.has(name)) later.push(queued);
    else now.push(queued);
    seen.add(name);
  }
  return [now, later];
}
