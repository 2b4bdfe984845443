import { partitionName } from '../log/partition-name.ts';
import type { Log, TopicPartition } from '../log/port.ts';
import { LogError } from '../model/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import type { ScheduledCall, Scheduler } from '../runtime/runtime.ts';
import type { Sink } from '../sink/sink.ts';
import type { TaskPort } from '../task/task-port.ts';
import { outboxTopic } from '../topology/names.ts';
import type { PlanNode } from '../topology/plan.ts';

const checkIntervalMs = 1_000;

export interface OutboxPressureOptions {
  readonly log: Log;
  readonly application: string;
  /** Of the whole topology. */
  readonly nodes: readonly PlanNode[];
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly tasks: () => readonly TaskPort[];
  /** A task may go on. */
  readonly onRelieved: () => void;
  readonly onFailed: (error: unknown) => void;
}

/** A partition of an outbox with the task that writes it. */
interface Outbox extends TopicPartition {
  readonly task: TaskPort;
  readonly sink: Sink<never>;
}

/**
 * Holds tasks back whose rows are not delivered: what waits is counted in the log now and then, as
 * the delivery may be another worker's.
 */
export class OutboxPressure {
  /** The outboxes, by partition, in which too many rows wait, and the tasks that write them. */
  private full: ReadonlyMap<string, string> = new Map();
  private held: ReadonlySet<string> = new Set();
  private readonly outboxes: ReadonlyMap<string, Sink<never>>;
  private isStopped = false;
  private next: ScheduledCall | null = null;

  constructor(private readonly options: OutboxPressureOptions) {
    this.outboxes = new Map(
      options.nodes.flatMap((node) => {
        const sink = node.type === 'operator' ? node.delivery : null;
        return sink === null ? [] : node.parents.map(({ name }) => [name, sink] as const);
      }),
    );
  }

  start(): void {
    if (this.outboxes.size > 0) this.schedule();
  }

  stop(): void {
    this.isStopped = true;
    this.next?.cancel();
  }

  holds({ id }: TaskPort): boolean {
    return this.held.size > 0 && this.held.has(id);
  }

  private schedule(): void {
    if (this.isStopped) return;
    this.next = this.options.scheduler.after(checkIntervalMs, () => {
      this.check()
        .catch((error: unknown) => {
          // Without an answer nothing is known; what is held back stays so until the next.
          if (!(error instanceof LogError)) this.options.onFailed(error);
        })
        .finally(() => this.schedule());
    });
  }

  private async check(): Promise<void> {
    const { log, application, onRelieved } = this.options;
    const written = this.options.tasks().flatMap((task) => this.outboxesOf(task));
    if (written.length === 0) return;
    const ends = await log.admin.ends(written);
    const committed = await log.admin.committedOffsets(application, written, 'last');
    const full = new Map<string, string>();
    for (const [index, outbox] of written.entries()) {
      const { logStartOffset = 0, logEndOffset = 0 } = ends[index] ?? {};
      const waiting = logEndOffset - (committed[index]?.offset ?? logStartOffset);
      const name = partitionName(outbox);
      const wasFull = this.full.has(name);
      if (isFull(outbox, waiting, wasFull)) full.set(name, outbox.task.id);
      if (full.has(name) !== wasFull) this.tell(outbox, waiting, wasFull);
    }
    const before = this.held;
    this.full = full;
    this.held = new Set(full.values());
    if ([...before].some((id) => !this.held.has(id))) onRelieved();
  }

  private tell({ task, sink, partition }: Outbox, waiting: number, wasFull: boolean): void {
    const { logger } = this.options;
    const details = { task: task.id, sink: sink.name, partition, waiting };
    const rows = `${waiting} rows wait for the sink '${sink.name}'`;
    if (wasFull) logger.info(`Task ${task.id} is no longer held back: ${rows}`, details);
    else logger.warn(`Task ${task.id} takes no records: ${rows}`, details);
  }

  private outboxesOf(task: TaskPort): readonly Outbox[] {
    const { application } = this.options;
    const { partition } = task;
    return task.subTopology.nodes.flatMap(({ name }): Outbox[] => {
      const sink = this.outboxes.get(name);
      if (sink === undefined) return [];
      return [{ task, sink, topic: outboxTopic(application, sink.name), partition }];
    });
  }
}

/** Once it is full, half has to be delivered before its task goes on. */
function isFull({ sink }: Outbox, waiting: number, wasFull: boolean): boolean {
  const { maxWaitingRows } = sink.batches;
  return waiting > (wasFull ? maxWaitingRows / 2 : maxWaitingRows);
}
