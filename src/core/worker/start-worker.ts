import path from 'node:path';
import { type InstanceSlot, maxSlots, takeInstanceSlot } from '../runtime/instance-slot.ts';
import { StoreError, WorkerError } from '../model/errors.ts';
import { directoryId } from '../runtime/directory-id.ts';
import { timeZoneDataVersion } from '../runtime/time-zone-data.ts';
import { GlobalTable } from '../task/global-table.ts';
import { withKnownIds } from '../topology/known-ids.ts';
import { type Manifest, manifestOf, stateHash } from '../topology/manifest.ts';
import {
  type CountedTopic,
  countedTopics,
  type PartitionCounts,
} from '../topology/partition-counts.ts';
import type { Topology } from '../topology/plan.ts';
import { isAnyPending, noRenames, pendingRenames, withRenames } from '../topology/renames.ts';
import { tasksOf } from './assignable-task.ts';
import { carryRenames } from './carry-renames.ts';
import { GlobalTables } from './global-tables.ts';
import { openMonitoring, type Monitoring } from './monitoring.ts';
import { checkManifest, storedManifest, storeManifest } from './manifest-check.ts';
import type { WorkerSettings } from './run-options.ts';
import { withStartAttempts } from './start-attempts.ts';
import { StreamWorker } from './stream-worker.ts';
import { defaultMaxFutureMs, hooksOf, TaskFactory } from './task-factory.ts';
import { TopicCounts } from './topic-counts.ts';
import {
  checkCounts,
  countPartitions,
  expectedCounts,
  setUpInternalTopics,
} from './topic-setup.ts';
import type { Worker } from './worker.ts';

/** The files of states below `stateDir`. */
export interface StateFiles {
  /** Whether a task has left state here. */
  hasState(application: string, taskId: string): boolean;
  bytesOf(application: string, taskId: string): number;
}

/**
 * Starts a worker: topics and manifest are checked before anything else, then it joins the group.
 *
 * @throws {TopologyError} `TOPIC_MISSING`, `NOT_COPARTITIONED`, and what the manifest refuses
 * @throws {WorkerError} `TOPIC_MISMATCH`, `HTTP_UNAVAILABLE`
 * @throws {LogError}
 */
export async function startWorker(
  built: Topology,
  settings: WorkerSettings,
  files: StateFiles,
): Promise<Worker> {
  const monitoring = await monitoringOf(built, settings, files);
  try {
    return await startMonitored(built, { settings, files, monitoring });
  } catch (error) {
    await monitoring?.close();
    throw error;
  }
}

/** Listens before anything else is done: a start may take long, and is alive meanwhile. */
function monitoringOf(
  topology: Topology,
  settings: WorkerSettings,
  files: StateFiles,
): Promise<Monitoring> | null {
  const { http, usesStateDir, backend } = settings;
  if (http === null) return null;
  const isOnDisk = usesStateDir && backend.isVolatile !== true;
  const bytesOf = (task: string) => files.bytesOf(topology.application, task);
  return openMonitoring({ topology, http, settings, stateBytesOf: isOnDisk ? bytesOf : null });
}

interface StartParts {
  readonly settings: WorkerSettings;
  readonly files: StateFiles;
  readonly monitoring: Monitoring | null;
}

async function startMonitored(
  built: Topology,
  { settings, files, monitoring }: StartParts,
): Promise<Worker> {
  const { log, logger, runtime } = settings;
  const { application } = built;
  const prepared = await withStartAttempts(runtime.scheduler, logger, () =>
    prepareLog(built, settings),
  );
  const { topology, partitions, manifest, internal, counts } = prepared;
  const expected = expectedCounts(partitions, internal);
  const directory = stateDirectory(topology, settings);
  const slot = slotOf(topology, settings);
  const globals = globalTables(topology, settings, {
    partitions: partitions.globals,
    instanceId: slot.instanceId,
  });
  const factory = new TaskFactory(topology, settings, {
    counts,
    instanceId: slot.instanceId,
    globalLookup: (node) => globals.lookup(node),
    latenciesOf: (subTopology) => monitoring?.latenciesOf(subTopology) ?? null,
  });
  const worker = new StreamWorker({
    topology,
    settings,
    slot,
    stateHash: stateHash(manifest),
    tasks: tasksOf(topology, partitions),
    globals,
    monitoring,
    disk: {
      directory: directory ?? `of ${slot.instanceId}`,
      has: (task) => files.hasState(application, task),
      bytesOf: (task) => files.bytesOf(application, task),
    },
    checkTopics: () => checkCounts(expected, log),
    beforeRecovery: () => counts.lookUpMissing(),
    createTask: (task, created) => factory.create(task, created),
    createStandby: (task) => factory.createStandby(task),
  });
  monitoring?.watch(worker);
  await worker.start();
  return worker;
}

/** What is in the log when a worker joins; each step may be taken again. */
interface PreparedLog {
  readonly topology: Topology;
  readonly partitions: PartitionCounts;
  readonly manifest: Manifest;
  readonly internal: readonly CountedTopic[];
  readonly counts: TopicCounts;
}

/** Reads what is there, checks it, and only then writes what is missing. */
async function prepareLog(
  built: Topology,
  { log, logger, runtime, createsTopics, accept }: WorkerSettings,
): Promise<PreparedLog> {
  const stored = await storedManifest(log, built.application);
  const renames = stored === null ? noRenames : pendingRenames(stored, built);
  const old = stored === null ? null : withRenames(stored, renames);
  // A new source may have the least name of its sub-topology: the id that state lies under stays.
  const topology = old === null ? built : withKnownIds(built, old);
  const partitions = await countPartitions(topology, log);
  const manifest = manifestOf(topology, partitions, timeZoneDataVersion());
  checkManifest(old, manifest, { logger, accept });
  const internal = countedTopics(topology, partitions);
  await setUpInternalTopics(internal, log, createsTopics);
  if (stored !== null && isAnyPending(renames)) {
    for (const { from, to } of [...renames.stores, ...renames.points]) {
      logger.info(`'${from}' is now called '${to}': what it holds is taken over`);
    }
    await carryRenames({ old: stored, next: manifest, renames, log, runtime });
  } else await storeManifest(log, stored, manifest, runtime.clock.wallClockTimeMs());
  const counts = new TopicCounts(log.admin, partitions.topics);
  await counts.lookUp([...topicsWritten(topology), ...internal.map(({ topic }) => topic)]);
  return { topology, partitions, manifest, internal, counts };
}

interface GlobalParts {
  readonly partitions: ReadonlyMap<string, number>;
  readonly instanceId: string;
}

function globalTables(
  topology: Topology,
  settings: WorkerSettings,
  { partitions, instanceId }: GlobalParts,
): GlobalTables {
  const { log, logger, runtime, backend, maxCacheBytes } = settings;
  const nodes = topology.nodes.filter((node) => node.type === 'global');
  const tables = nodes.map((node) => {
    return new GlobalTable({
      application: topology.application,
      node,
      instanceId,
      backend,
      clock: runtime.clock,
      hooks: hooksOf(settings),
      defaultMaxFutureMs,
      maxCacheBytes: Math.floor(maxCacheBytes / 4 / nodes.length),
    });
  });
  return new GlobalTables({ log, logger, runtime, tables, partitions });
}

/** Null: the caller's own backend keeps them, and as far as is known for this worker alone. */
function stateDirectory({ application }: Topology, settings: WorkerSettings): string | null {
  const { stateDir, usesStateDir, runtime } = settings;
  if (!usesStateDir) return null;
  const directory = slotsDirectory(stateDir, application);
  return inStateDir(directory, () => directoryId(directory, runtime.random));
}

function topicsWritten({ nodes, deadLetterTopic }: Topology): readonly string[] {
  const sinks = nodes.flatMap((node) =>
    node.type === 'sink' && typeof node.topic === 'string' ? [node.topic] : [],
  );
  return deadLetterTopic === null ? sinks : [...sinks, deadLetterTopic];
}

function slotOf(
  { application }: Topology,
  { instanceId, stateDir, runtime }: WorkerSettings,
): InstanceSlot {
  if (instanceId !== null) return { instanceId, release: () => undefined };
  const directory = slotsDirectory(stateDir, application);
  const slot = inStateDir(directory, () => takeInstanceSlot(directory, runtime.random));
  if (slot !== null) return slot;
  throw new WorkerError(
    'BAD_OPTION',
    `Too many workers share the state directory ${stateDir}: ${maxSlots} at most. ` +
      'Give some of them another stateDir, or an instanceId.',
  );
}

function slotsDirectory(stateDir: string, application: string): string {
  return path.join(stateDir, application, 'slots');
}

function inStateDir<T>(directory: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new StoreError(
      'STORE_IO',
      `Cannot keep the worker's id in '${directory}'. Check 'stateDir' and its rights.`,
      { cause },
    );
  }
}
