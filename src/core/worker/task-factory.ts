import { DeliveryTask } from '../sink/delivery-task.ts';
import type { Sink } from '../sink/sink.ts';
import type { Latencies } from '../task/latency.ts';
import { Task } from '../task/task.ts';
import type { TaskHooks, TaskPort } from '../task/task-port.ts';
import { transactionalId } from '../topology/names.ts';
import type { GlobalNode, SubTopology, TableLookup, Topology } from '../topology/plan.ts';
import type { AssignableTask } from './assignable-task.ts';
import type { CreatedTaskSettings } from './assigned-work.ts';
import type { WorkerSettings } from './run-options.ts';
import type { TopicCounts } from './topic-counts.ts';

/** Records buffered per input, beyond which its partition is not fetched. */
const maxBufferedRecords = 10_000;
export const defaultMaxFutureMs = 3_600_000;

export interface TaskFactoryParts {
  readonly counts: TopicCounts;
  readonly instanceId: string;
  readonly globalLookup: (node: GlobalNode) => TableLookup;
  /** Null: nobody asks how long records take. */
  readonly latenciesOf: (subTopology: string) => Latencies | null;
}

/** Makes the tasks of a worker: those that process records, and those that deliver rows. */
export class TaskFactory {
  private readonly transactionalId: string | null;

  constructor(
    private readonly topology: Topology,
    private readonly settings: WorkerSettings,
    private readonly parts: TaskFactoryParts,
  ) {
    const { application } = topology;
    this.transactionalId = settings.isExactlyOnce
      ? transactionalId(application, parts.instanceId)
      : null;
  }

  create(task: AssignableTask, created: CreatedTaskSettings): TaskPort {
    const sink = sinkOf(task.subTopology);
    if (sink !== null) return this.delivery(task, sink, created);
    const maxCacheBytes = Math.floor(this.settings.maxCacheBytes * created.share);
    return this.processing(task, maxCacheBytes, created.onReady);
  }

  /** Nothing is read from it but what is written back. */
  createStandby(task: AssignableTask): Task {
    return this.processing(task, 0, () => undefined);
  }

  private processing(
    { subTopology, partition }: AssignableTask,
    maxCacheBytes: number,
    onReady: () => void,
  ): Task {
    const { topology, settings, parts, transactionalId } = this;
    return new Task({
      topology,
      subTopology,
      partition,
      backend: settings.backend,
      clock: settings.runtime.clock,
      scheduler: settings.runtime.scheduler,
      onReady,
      hooks: hooksOf(settings),
      partitionsOf: (topic) => parts.counts.partitionsOf(topic),
      maxTaskIdleMs: settings.maxTaskIdleMs,
      defaultMaxFutureMs,
      maxMessageBytesOf: (topic) => parts.counts.maxMessageBytesOf(topic),
      transactionalId,
      maxCacheBytes,
      maxBufferedRecords,
      globalLookup: parts.globalLookup,
      latencies: parts.latenciesOf(subTopology.id),
    });
  }

  private delivery(
    { subTopology, partition }: AssignableTask,
    sink: Sink<never>,
    { onReady, leaseEndsMs }: CreatedTaskSettings,
  ): DeliveryTask {
    const { topology, settings, parts, transactionalId } = this;
    const { runtime, logger, sessionTimeoutMs } = settings;
    const { admin } = settings.log;
    return new DeliveryTask({
      topology,
      subTopology,
      partition,
      sink,
      runtime,
      logger,
      topicIdOf: async (topic) => (await admin.describeTopics([topic])).get(topic)?.id ?? null,
      onReady,
      hooks: hooksOf(settings),
      partitionsOf: (topic) => parts.counts.partitionsOf(topic),
      maxMessageBytesOf: (topic) => parts.counts.maxMessageBytesOf(topic),
      transactionalId,
      sessionTimeoutMs,
      leaseEndsMs,
    });
  }
}

/** Null: its tasks process records. */
function sinkOf({ nodes }: SubTopology): Sink<never> | null {
  for (const node of nodes) if (node.type === 'operator' && node.delivery) return node.delivery;
  return null;
}

export function hooksOf({ onError, onDropped, logger }: WorkerSettings): TaskHooks {
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
