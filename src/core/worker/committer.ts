import type { GroupMetadata, Log, Writer } from '../log/port.ts';
import { LogError } from '../model/errors.ts';
import { Histogram } from '../model/histogram.ts';
import { invariant } from '../model/invariant.ts';
import type { Clock } from '../runtime/runtime.ts';
import type { TaskPort } from '../task/task-port.ts';
import { commitTasks, type PreparedTask, prepareTasks } from './commit.ts';

export interface CommitterOptions {
  readonly log: Log;
  /** Null: at-least-once, without transactions. */
  readonly transactionalId: string | null;
  readonly transactionTimeoutMs: number;
  readonly clock: Clock;
  /** A commit has ended; what it failed with, `check` and `finished` tell. */
  readonly onEnded: (isCommitted: boolean) => void;
}

/** Seconds. */
const durationBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * The producer of a worker, and its one commit under way. What that could not bring to an end
 * leaves the producer unusable: open it anew.
 */
export class Committer {
  commits = 0;
  /** How long they took, in seconds. */
  readonly durations = new Histogram(durationBounds);
  /** What the commit under way holds of the tasks, about. */
  dirtyBytes = 0;
  private writer: Writer | null = null;
  /** Never rejects. */
  private underWay: Promise<void> | null = null;
  private failure: { readonly error: unknown } | null = null;

  constructor(private readonly options: CommitterOptions) {}

  /** A new producer: what the one before had open is aborted. */
  async open(): Promise<void> {
    const before = this.writer;
    this.writer = null;
    await before?.close();
    const { log, transactionalId, transactionTimeoutMs } = this.options;
    this.writer = await log.openWriter({ transactionalId, transactionTimeoutMs });
  }

  /** From `begin` until somebody has been told how it ended, if it failed. */
  get isUnderWay(): boolean {
    return this.underWay !== null || this.failure !== null;
  }

  /**
   * Closes the interval of all tasks and begins to make it durable: the tasks may work meanwhile.
   * Nothing of the next transaction is sent before this one has ended. Without a group in whose
   * name to commit it throws, and the tasks have to go back.
   */
  async begin(tasks: readonly TaskPort[], groupNow: () => GroupMetadata | null): Promise<void> {
    invariant(!this.isUnderWay, 'One commit of a worker is under way at a time.');
    const { writer } = this;
    if (writer === null) return;
    const dirtyBytes = tasks.reduce((sum, task) => sum + task.dirtyBytes, 0);
    const prepared = await prepareTasks(tasks);
    if (prepared.length === 0) return;
    // Asked for behind the calls that tasks may have waited for.
    const group = groupNow();
    if (group === null) throw leaseEnded();
    this.dirtyBytes = dirtyBytes;
    this.underWay = this.run(prepared, writer, group);
  }

  /** Throws what the last commit failed with, once. */
  check(): void {
    const { failure } = this;
    this.failure = null;
    if (failure !== null) throw failure.error;
  }

  /** Resolves once no commit is under way; throws what the last one failed with, once. */
  async finished(): Promise<void> {
    await this.underWay;
    this.check();
  }

  /** Resolves once no commit is under way. How it ended concerns nobody any more. */
  async settled(): Promise<void> {
    await this.underWay;
    this.failure = null;
  }

  async close(): Promise<void> {
    // So that readers need not wait for the time-out of what is open. A fenced producer has none.
    await this.writer?.abort().catch(() => undefined);
    await this.writer?.close();
  }

  private async run(
    prepared: readonly PreparedTask[],
    writer: Writer,
    group: GroupMetadata,
  ): Promise<void> {
    const { clock } = this.options;
    const startMs = clock.monotonicTimeMs();
    try {
      await commitTasks(prepared, writer, group);
      this.commits += 1;
      this.durations.observe((clock.monotonicTimeMs() - startMs) / 1_000);
    } catch (error) {
      this.failure = { error };
    }
    this.underWay = null;
    this.dirtyBytes = 0;
    this.options.onEnded(this.failure === null);
  }
}

function leaseEnded(): LogError {
  return new LogError(
    'fenced',
    'STALE_GENERATION',
    'The group has not answered for so long that the tasks may be of another worker by now.',
  );
}
