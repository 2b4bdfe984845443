import { groupNotEmpty } from '../log/group/errors.ts';
import type { Log, OffsetToCommit } from '../log/port.ts';
import { LogError } from '../model/errors.ts';
import type { ProgressRow } from '../task/progress-row.ts';
import { type Manifest, serializeManifest } from '../topology/manifest.ts';
import { changelogTopic, repartitionTopic, transactionalId } from '../topology/names.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { PointRename, Rename, Renames } from '../topology/renames.ts';
import { storedManifest } from './manifest-check.ts';
import { RowWriter } from './row-writer.ts';
import { progressPlace, SettledRows } from './settled-rows.ts';

const transactionTimeoutMs = 30_000;
/** How often another worker's copy is looked at, and for how long it may stand still. */
const lookMs = 500;
const maxQuietMs = 30_000;

export interface RenamesToCarry {
  /** As it is stored, with the names of before. */
  readonly old: Manifest;
  readonly next: Manifest;
  readonly renames: Renames;
  readonly log: Log;
  readonly runtime: Runtime;
}

/**
 * Takes rows and records on the way over to their new topics, before any task begins. The last
 * transaction holds the progress rows that name the copies, and the manifest: it is carried out by
 * exactly one worker, once, and whoever was cut short before it begins anew. Workers of one start
 * fence each other: the last to begin does it, the others come back and find it done.
 *
 * @throws {LogError} `GROUP_NOT_EMPTY`; retriable where another worker has been quicker
 */
export async function carryRenames(carry: RenamesToCarry): Promise<void> {
  const { application } = carry.next;
  const id = transactionalId(application, 'renames');
  const writer = await carry.log.openWriter({ transactionalId: id, transactionTimeoutMs });
  try {
    await requireUnchanged(carry);
    const members = await carry.log.admin.groupMembers(application);
    if (members > 0) throw groupNotEmpty(application, members);
    const rowWriter = new RowWriter(writer);
    const nowMs = carry.runtime.clock.wallClockTimeMs();
    const rows = new SettledRows(carry.log, rowWriter, nowMs);
    const offsets: OffsetToCommit[] = [];
    for (const task of tasksOf(carry))
      offsets.push(...(await carryTask(carry, task, { rows, rowWriter })));
    await rows.putManifest(carry.next);
    await rowWriter.flush();
    const nobody = { group: application, generation: -1, memberId: '' };
    if (offsets.length > 0) await writer.sendOffsets(offsets, nobody);
    await writer.commit();
  } catch (error) {
    if (!isFenced(error)) {
      // Left open it would hold up every start until its time-out.
      await writer.abort().catch(() => undefined);
      throw error;
    }
    await otherToFinish(carry);
    throw overtaken(application, error);
  } finally {
    await writer.close();
  }
}

interface RenamedTask {
  readonly subTopology: string;
  readonly partition: number;
  readonly stores: readonly Rename[];
  readonly points: readonly PointRename[];
}

/** The tasks whose progress names something that was renamed. */
function tasksOf({ old, renames }: RenamesToCarry): readonly RenamedTask[] {
  const { application } = old;
  const countOf = (topic: string) =>
    old.internalTopics.find((internal) => internal.topic === topic)?.partitions ?? 0;
  return old.subTopologies.flatMap(({ id, inputs, stores }) => {
    const own = {
      stores: renames.stores.filter(({ from }) => stores.includes(from)),
      points: renames.points.filter(({ fromTopic }) =>
        inputs.includes(repartitionTopic(application, fromTopic)),
      ),
    };
    const counts = [
      ...own.stores.map(({ from }) => countOf(changelogTopic(application, from))),
      ...own.points.map(({ fromTopic }) => countOf(repartitionTopic(application, fromTopic))),
    ];
    const tasks = Array.from({ length: Math.max(0, ...counts) }, (_, partition) => partition);
    return tasks.map((partition) => ({ subTopology: id, partition, ...own }));
  });
}

interface Rows {
  readonly rows: SettledRows;
  readonly rowWriter: RowWriter;
}

async function carryTask(
  { next: { application }, renames }: RenamesToCarry,
  { subTopology, partition, stores, points }: RenamedTask,
  { rows, rowWriter }: Rows,
): Promise<readonly OffsetToCommit[]> {
  const place = progressPlace(application, subTopology, partition);
  const row = await rows.progress(place);
  if (row === null) return [];
  const changelogs: Record<string, number> = { ...row.changelogs };
  for (const { from, to } of stores) {
    const source = { topic: changelogTopic(application, from), partition };
    const target = { topic: changelogTopic(application, to), partition };
    // What an earlier life of that name, or a copy cut short, has left there.
    const emptied = await rows.empty(target);
    // Behind what the row names lies what no task has counted as done.
    const toOffset = row.changelogs[from] ?? 0;
    await rows.copy({ ...source, fromOffset: 0, toOffset }, target);
    changelogs[to] = rowWriter.nextOffset(target) ?? emptied;
    Reflect.deleteProperty(changelogs, from);
  }
  const inputs = new Map<string, string>();
  const offsets: Record<string, number> = { ...row.offsets };
  for (const { fromTopic, toTopic } of points) {
    const source = { topic: repartitionTopic(application, fromTopic), partition };
    const target = { topic: repartitionTopic(application, toTopic), partition };
    const fromOffset = row.offsets[source.topic];
    if (fromOffset === undefined) continue;
    const { logEndOffset: toOffset } = await rows.endsOf(source);
    await rows.copy({ ...source, fromOffset, toOffset }, target);
    const { logEndOffset } = await rows.endsOf(target);
    offsets[target.topic] = rowWriter.firstOffset(target) ?? logEndOffset;
    Reflect.deleteProperty(offsets, source.topic);
    inputs.set(source.topic, target.topic);
  }
  const clock = renamedClock(row.clock, inputs, renames.nodes);
  await rows.putProgress(place, { ...row, changelogs, offsets, clock });
  return [...inputs.values()].map((topic) => {
    return { topic, partition, offset: offsets[topic] ?? 0, metadata: '' };
  });
}

function renamedClock(
  { domains, partitions, closed }: ProgressRow['clock'],
  inputs: ReadonlyMap<string, string>,
  nodes: readonly Rename[],
): ProgressRow['clock'] {
  const operators = new Map(nodes.map(({ from, to }) => [from, to]));
  const named = (times: Readonly<Record<string, number>>, names: ReadonlyMap<string, string>) =>
    Object.fromEntries(
      Object.entries(times).map(([name, time]) => [names.get(name) ?? name, time]),
    );
  return {
    domains: named(domains, inputs),
    partitions: named(partitions, inputs),
    closed: named(closed, operators),
  };
}

/** Asked once all others are fenced: whoever was before has stored its manifest, or never will. */
async function requireUnchanged({ old, log }: RenamesToCarry): Promise<void> {
  const now = await storedManifest(log, old.application);
  if (now !== null && serializeManifest(now) === serializeManifest(old)) return;
  throw overtaken(old.application);
}

/** Waits until the manifest is another, or nothing more is written: fencing back would not end. */
async function otherToFinish(carry: RenamesToCarry): Promise<void> {
  const { old, next, log, runtime } = carry;
  const before = serializeManifest(old);
  const known = new Set(old.internalTopics.map(({ topic }) => topic));
  const made = next.internalTopics.filter(({ topic }) => !known.has(topic));
  const places = made.flatMap(({ topic, partitions }) =>
    Array.from({ length: partitions }, (_, partition) => ({ topic, partition })),
  );
  let written = -1;
  for (let quietMs = 0; quietMs < maxQuietMs; quietMs += lookMs) {
    await runtime.scheduler.sleep(lookMs);
    const now = await storedManifest(log, old.application);
    if (now !== null && serializeManifest(now) !== before) return;
    const ends = await log.admin.ends(places);
    const sum = ends.reduce((all, { logEndOffset }) => all + logEndOffset, 0);
    if (sum !== written) quietMs = 0;
    written = sum;
  }
}

function isFenced(error: unknown): boolean {
  return error instanceof LogError && error.code === 'PRODUCER_FENCED';
}

function overtaken(application: string, cause?: unknown): LogError {
  const message = `Another worker of '${application}' takes over what was renamed.`;
  return new LogError('retriable', 'BROKER_NOT_READY', message, { cause });
}
