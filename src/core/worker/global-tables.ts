import type { FetchedPartition, FetchRequest, Log, Reader, TopicPartition } from '../log/port.ts';
import { LogError } from '../model/errors.ts';
import { invariant } from '../model/invariant.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { GlobalTable } from '../task/global-table.ts';
import type { TaskCounters } from '../task/task-counters.ts';
import type { GlobalNode, TableLookup } from '../topology/plan.ts';
import { delayBefore, isRecoverable } from './recoveries.ts';
import { Signal } from './signal.ts';

const fetchOptions = { maxWaitMs: 200, maxPartitionBytes: 1024 * 1024 };
/** After a failed fetch, before the next. */
const retryMs = 50;
/** A start that fails so often is given up. */
const maxOpenAttempts = 10;
/** What was applied is written so often: what a crash loses is read again from the topic. */
const commitIntervalMs = 1000;
const maxDirtyBytes = 4 * 1024 * 1024;

export interface GlobalTablesOptions {
  readonly log: Log;
  readonly logger: Logger;
  readonly runtime: Runtime;
  readonly tables: readonly GlobalTable[];
  /** Partitions of their topics. */
  readonly partitions: ReadonlyMap<string, number>;
}

export interface GlobalTablesHooks {
  /** There is something to apply. */
  readonly onFetched: () => void;
  readonly onFailed: (error: unknown) => void;
  readonly isStopped: () => boolean;
}

interface Wanted {
  readonly table: GlobalTable;
  readonly request: FetchRequest;
}

interface Fetched {
  readonly table: GlobalTable;
  readonly answer: FetchedPartition;
}

/**
 * The global tables of a worker: read to their end before any task is there, then read on beside
 * the tasks, and applied in turns of their own, so that none changes in the middle of a record.
 */
export class GlobalTables {
  private readonly reader: Reader;
  private readonly signal: Signal;
  private readonly lookups: ReadonlyMap<GlobalNode, TableLookup>;
  private hooks: GlobalTablesHooks | null = null;
  /** Read and not applied yet; the next fetch waits. */
  private pending: readonly Fetched[] = [];
  private isClosed = false;
  private loop: Promise<void> = Promise.resolve();
  private lastCommitMs = 0;
  /** Counts the calls of `lookAgain`, and those after which the end was seen. */
  private looks = 0;
  private seenLook = 0;

  constructor(private readonly options: GlobalTablesOptions) {
    this.reader = options.log.openReader({ isolation: 'read-committed' });
    this.signal = new Signal(options.runtime.scheduler);
    this.lookups = new Map(options.tables.map((table) => [table.node, table.lookup]));
  }

  get counters(): readonly TaskCounters[] {
    return this.options.tables.map(({ counters }) => counters);
  }

  lookup(node: GlobalNode): TableLookup {
    const lookup = this.lookups.get(node);
    invariant(lookup !== undefined, `The worker keeps the global table '${node.name}'.`);
    return lookup;
  }

  /** Resolves when every table has what its topic held at the start. */
  async open(hooks: GlobalTablesHooks): Promise<void> {
    if (this.options.tables.length === 0) return;
    for (const table of this.options.tables) await this.openOne(table, hooks);
    this.hooks = hooks;
    this.loop = this.run(hooks);
  }

  /** From now on the end counts as seen only once it was asked for anew. */
  lookAgain(): void {
    this.looks += 1;
    this.reader.wakeUp();
  }

  get isCaughtUp(): boolean {
    return this.hooks === null || this.seenLook === this.looks;
  }

  /** Applies what was read. Called between the records of the tasks. */
  async turn(): Promise<boolean> {
    if (this.hooks === null) return false;
    const { pending } = this;
    for (const { table, answer } of pending) table.apply(answer);
    this.pending = [];
    await this.commitWhereDue();
    if (pending.length > 0) this.signal.notify();
    return pending.length > 0;
  }

  async close(isClean: boolean): Promise<void> {
    this.isClosed = true;
    this.signal.notify();
    this.reader.wakeUp();
    await this.loop;
    await this.reader.close();
    for (const table of this.options.tables) {
      if (isClean && this.hooks !== null) await table.commit();
      await table.close({ clean: isClean && this.hooks !== null });
    }
  }

  private async openOne(table: GlobalTable, hooks: GlobalTablesHooks): Promise<void> {
    const { scheduler } = this.options.runtime;
    for (let attempt = 1; ; attempt += 1) {
      await scheduler.sleep(delayBefore(attempt));
      try {
        await table.open();
        return await this.readToEnd(table, hooks);
      } catch (error) {
        await table.close({ clean: false });
        if (!isRecoverable(error) || attempt === maxOpenAttempts) throw error;
        const { message, code } = error;
        this.options.logger.warn(`Reading a global table again: ${message}`, { code });
      }
    }
  }

  /** What belongs to an open transaction is not waited for: it is read later, like all else. */
  private async readToEnd(table: GlobalTable, { isStopped }: GlobalTablesHooks): Promise<void> {
    const { log, logger, runtime } = this.options;
    const partitions = this.partitionsOf(table);
    const ends = await log.admin.ends(partitions);
    await table.plan(ends);
    for (const [index, { lastStableOffset }] of ends.entries()) {
      const { partition, topic } = partitions[index] as TopicPartition; // answered for each
      while (table.positionOf(partition) < lastStableOffset && !isStopped()) {
        const request = { topic, partition, offset: table.positionOf(partition) };
        for (const answer of await this.reader.fetch([request], fetchOptions)) {
          await table.prepare(answer);
          table.apply(answer);
        }
        if (table.dirtyBytes > maxDirtyBytes) await table.commit();
        await runtime.scheduler.yieldNow();
      }
    }
    await table.commit();
    logger.info(`Global table ${table.node.name} has its rows.`, { topic: table.node.topic });
  }

  private async run({ onFetched, onFailed }: GlobalTablesHooks): Promise<void> {
    while (!this.isClosed) {
      try {
        await this.fetch(onFetched);
      } catch (error) {
        if (this.isClosed) return;
        if (!(error instanceof LogError) || error.errorClass === 'fatal') return onFailed(error);
        await this.signal.wait(retryMs);
      }
    }
  }

  private async fetch(onFetched: () => void): Promise<void> {
    const { looks } = this;
    const wanted = this.wanted();
    const answers = await this.reader.fetch(
      wanted.map(({ request }) => request),
      fetchOptions,
    );
    const isAtEnd = answers.every(({ nextOffset, ends }) => nextOffset >= ends.lastStableOffset);
    const fetched = answers.flatMap((answer, index): Fetched[] => {
      const { table, request } = wanted[index] as Wanted; // answered for each
      return answer.nextOffset > request.offset ? [{ table, answer }] : [];
    });
    for (const { table, answer } of fetched) await table.prepare(answer);
    if (fetched.length > 0) {
      this.pending = fetched;
      onFetched();
      while (this.pending.length > 0 && !this.isClosed) {
        await this.signal.wait(fetchOptions.maxWaitMs);
      }
    }
    if (isAtEnd && this.seenLook !== looks) {
      this.seenLook = looks;
      onFetched();
    }
    // Memory answers at once: without a turn of the event loop nothing else would come to its own.
    await this.options.runtime.scheduler.yieldNow();
  }

  private async commitWhereDue(): Promise<void> {
    const { tables, runtime } = this.options;
    const nowMs = runtime.clock.monotonicTimeMs();
    const isFull = tables.some((table) => table.dirtyBytes > maxDirtyBytes);
    if (!isFull && nowMs - this.lastCommitMs < commitIntervalMs) return;
    this.lastCommitMs = nowMs;
    for (const table of tables) await table.commit();
  }

  private wanted(): readonly Wanted[] {
    return this.options.tables.flatMap((table) =>
      this.partitionsOf(table).map((own) => {
        return { table, request: { ...own, offset: table.positionOf(own.partition) } };
      }),
    );
  }

  private partitionsOf({ node: { topic } }: GlobalTable): readonly TopicPartition[] {
    const count = this.options.partitions.get(topic) ?? 0;
    return Array.from({ length: count }, (_, partition) => ({ topic, partition }));
  }
}
