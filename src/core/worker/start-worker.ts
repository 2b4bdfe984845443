import path from 'node:path';
import { type InstanceSlot, maxSlots, takeInstanceSlot } from '../runtime/instance-slot.ts';
import { StoreError, WorkerError } from '../model/errors.ts';
import type { RandomSource } from '../runtime/runtime.ts';
import { Task } from '../task/task.ts';
import type { TaskHooks } from '../task/task-port.ts';
import { withKnownIds } from '../topology/known-ids.ts';
import { manifestOf, stateHash } from '../topology/manifest.ts';
import { countedTopics } from '../topology/partition-counts.ts';
import type { Topology } from '../topology/plan.ts';
import { type AssignableTask, tasksOf } from './assignor.ts';
import { checkManifest, storedManifest, storeManifest } from './manifest-check.ts';
import type { WorkerSettings } from './run-options.ts';
import { StreamWorker } from './stream-worker.ts';
import { TopicCounts } from './topic-counts.ts';
import { countPartitions, setUpInternalTopics } from './topic-setup.ts';
import type { Worker } from './worker.ts';

/** Records buffered per input, beyond which its partition is not fetched. */
const maxBufferedRecords = 10_000;
const defaultMaxFutureMs = 3_600_000;
const maxMessageBytes = 1_000_000;

/** Whether the state of a task lies here already. */
export type HasState = (application: string, taskId: string) => boolean;

/**
 * Starts a worker: topics and manifest are checked before anything else, then it joins the group.
 *
 * @throws {TopologyError} `TOPIC_MISSING`, `NOT_COPARTITIONED`, and what the manifest refuses
 * @throws {WorkerError} `TOPIC_MISMATCH`
 * @throws {LogError}
 */
export async function startWorker(
  built: Topology,
  settings: WorkerSettings,
  hasState: HasState,
): Promise<Worker> {
  const { log, logger, runtime, createsTopics } = settings;
  const old = await storedManifest(log, built.application);
  // A new source may have the least name of its sub-topology: the id that state lies under stays.
  const topology = old === null ? built : withKnownIds(built, old);
  const partitions = await countPartitions(topology, log);
  const manifest = manifestOf(topology, partitions);
  checkManifest(old, manifest, logger);
  await setUpInternalTopics(countedTopics(topology, partitions), log, createsTopics);
  await storeManifest(log, old, manifest, runtime.clock.wallClockTimeMs());
  const counts = new TopicCounts(log.admin, partitions.topics);
  await counts.lookUp(topicsWritten(topology));
  const slot = slotOf(topology, settings);
  const tasks = tasksOf(topology.subTopologies, partitions);
  const worker = new StreamWorker({
    topology,
    settings,
    slot,
    stateHash: stateHash(manifest),
    tasks,
    beforeRecovery: () => counts.lookUpMissing(),
    createTask: (assigned, share) => {
      const maxCacheBytes = Math.floor(settings.maxCacheBytes * share);
      return createTask(topology, { ...settings, maxCacheBytes }, assigned, counts);
    },
    tasksOnDisk: () => tasks.map(({ id }) => id).filter((id) => hasState(topology.application, id)),
  });
  await worker.start();
  return worker;
}

function createTask(
  topology: Topology,
  settings: WorkerSettings,
  { subTopology, partition }: AssignableTask,
  counts: TopicCounts,
): Task {
  return new Task({
    topology,
    subTopology,
    partition,
    backend: settings.backend,
    clock: settings.runtime.clock,
    hooks: hooksOf(settings),
    partitionsOf: (topic) => counts.partitionsOf(topic),
    maxTaskIdleMs: settings.maxTaskIdleMs,
    defaultMaxFutureMs,
    maxMessageBytes,
    maxCacheBytes: settings.maxCacheBytes,
    maxBufferedRecords,
  });
}

function hooksOf({ onError, onDropped, logger }: WorkerSettings): TaskHooks {
  return {
    handlesErrors: onError !== null,
    onError: (error, stage) => onError?.(error, stage) ?? null,
    onDropped: (reason, record, place) => {
      try {
        onDropped?.(reason, record, place);
      } catch (error) {
        // The record is dropped and counted already: who is only told of it decides nothing.
        logger.error("The callback 'onDropped' has thrown.", { error, reason, ...place });
      }
    },
  };
}

function topicsWritten({ nodes, deadLetterTopic }: Topology): readonly string[] {
  const sinks = nodes.flatMap((node) =>
    node.type === 'sink' && typeof node.topic === 'string' ? [node.topic] : [],
  );
  return deadLetterTopic === null ? sinks : [...sinks, deadLetterTopic];
}

function slotOf(
  topology: Topology,
  { instanceId, stateDir, runtime }: WorkerSettings,
): InstanceSlot {
  if (instanceId !== null) return { instanceId, release: () => undefined };
  const directory = path.join(stateDir, topology.application, 'slots');
  const slot = slotBelow(directory, runtime.random);
  if (slot !== null) return slot;
  throw new WorkerError(
    'BAD_OPTION',
    `Too many workers share the state directory ${stateDir}: ${maxSlots} at most. ` +
      'Give some of them another stateDir, or an instanceId.',
  );
}

function slotBelow(directory: string, random: RandomSource): InstanceSlot | null {
  try {
    return takeInstanceSlot(directory, random);
  } catch (cause) {
    throw new StoreError(
      'STORE_IO',
      `Cannot keep the worker's id in '${directory}'. Check 'stateDir' and its rights.`,
      { cause },
    );
  }
}
