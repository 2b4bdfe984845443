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
  /** Tasks that take no records. */
  private held: ReadonlySet<string> = new Set();
  /** The outboxes that hold them back: a task may write several. */
  private full: ReadonlySet<string> = new Set();
  private readonly outboxes: ReadonlyMap<string, Sink<never>>;
  private isStopped = false;
  private next: ScheduledCall | null = null;

  constructor(private readonly options: OutboxPressureOptions) {
    this.outboxes = new Map(
      options.nodes.flatMap((node) =>
        node.type === 'operator' && node.delivery !== null
          ? node.parents.map(({ name }) => [name, node.delivery as Sink<never>] as const) // not null
          : [],
      ),
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
    const full = written.filter((outbox, index) => {
      const { logStartOffset = 0, logEndOffset = 0 } = ends[index] ?? {};
      const waiting = logEndOffset - (committed[index]?.offset ?? logStartOffset);
      return this.isTooMuch(outbox, waiting);
    });
    const held = new Set(full.map(({ task }) => task.id));
    const isRelieved = [...this.held].some((id) => !held.has(id));
    this.held = held;
    this.full = new Set(full.map(partitionName));
    if (isRelieved) onRelieved();
  }

  /** Once held back, half has to be delivered before a task goes on. */
  private isTooMuch(outbox: Outbox, waiting: number): boolean {
    const { task, sink, partition } = outbox;
    const { maxWaitingRows } = sink.batches;
    const wasHeld = this.full.has(partitionName(outbox));
    const isHeld = waiting > (wasHeld ? maxWaitingRows / 2 : maxWaitingRows);
    if (isHeld !== wasHeld) {
      const what = isHeld ? 'takes no records' : 'takes records again';
      const { logger } = this.options;
      logger[isHeld ? 'warn' : 'info'](
        `Task ${task.id} ${what}: ${waiting} rows wait for the sink '${sink.name}'`,
        { task: task.id, sink: sink.name, partition, waiting },
      );
    }
    return isHeld;
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
