import type { TaskPort } from '../task/task-port.ts';
import type { AssignableTask } from './assignable-task.ts';
import { OutboxPressure, type OutboxPressureOptions } from './outbox-pressure.ts';
import { RepartitionPurge } from './repartition-purge.ts';

export interface TopicCareOptions extends OutboxPressureOptions {
  /** Every task of the application. */
  readonly all: readonly AssignableTask[];
}

/** What a worker does now and then, beside its work, so that internal topics do not grow on. */
export class TopicCare {
  private readonly purge: RepartitionPurge;
  private readonly pressure: OutboxPressure;

  constructor(options: TopicCareOptions) {
    const { application: group, tasks } = options;
    const inputs = () => tasks().flatMap((task) => task.inputs);
    this.purge = new RepartitionPurge({ ...options, group, inputs });
    this.pressure = new OutboxPressure(options);
  }

  start(): void {
    this.purge.start();
    this.pressure.start();
  }

  async stop(): Promise<void> {
    this.pressure.stop();
    await this.purge.stop();
  }

  /** Whether a task is to take no records, as too many of its rows wait for a sink. */
  holdsBack(task: TaskPort): boolean {
    return this.pressure.holds(task);
  }
}
