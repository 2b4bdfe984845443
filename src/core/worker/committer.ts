import type { GroupMetadata, Log, Writer } from '../log/port.ts';
import type { TaskPort } from '../task/task-port.ts';
import { commitTasks } from './commit.ts';

export interface CommitterOptions {
  readonly log: Log;
  /** Null: at-least-once, without transactions. */
  readonly transactionalId: string | null;
  readonly transactionTimeoutMs: number;
}

/** The producer of a worker. What it could not bring to an end leaves it unusable: open it anew. */
export class Committer {
  commits = 0;
  private writer: Writer | null = null;

  constructor(private readonly options: CommitterOptions) {}

  /** A new producer: what the one before had open is aborted. */
  async open(): Promise<void> {
    const before = this.writer;
    this.writer = null;
    await before?.close();
    const { log, transactionalId, transactionTimeoutMs } = this.options;
    this.writer = await log.openWriter({ transactionalId, transactionTimeoutMs });
  }

  async commit(tasks: readonly TaskPort[], group: GroupMetadata): Promise<boolean> {
    if (this.writer === null) return false;
    const hasCommitted = await commitTasks(tasks, this.writer, group);
    if (hasCommitted) this.commits += 1;
    return hasCommitted;
  }

  async close(): Promise<void> {
    // So that readers need not wait for the time-out of what is open. A fenced producer has none.
    await this.writer?.abort().catch(() => undefined);
    await this.writer?.close();
  }
}
