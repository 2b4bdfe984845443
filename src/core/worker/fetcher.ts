import type { FetchRequest, Log, Reader } from '../log/port.ts';
import { LogError } from '../model/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Clock, Scheduler } from '../runtime/runtime.ts';
import type { TaskPort } from '../task/task-port.ts';
import { FetchSilence } from './fetch-silence.ts';
import { Signal } from './signal.ts';

/** How long a fetch waits for data, and how much it takes of a partition. */
const maxWaitMs = 200;
const hurriedWaitMs = 1;
const maxPartitionBytes = 1024 * 1024;
/** After a failed fetch, before the next. */
const retryMs = 50;

export interface FetcherOptions {
  readonly log: Log;
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly tasks: () => readonly TaskPort[];
  /** Counts the commits: what is read before one does not tell the end behind it. */
  readonly commitCount: () => number;
  /** Whether somebody waits for the end of all inputs: then an empty answer does not wait. */
  readonly isHurried: () => boolean;
  /** Whether the group has counted the worker in since then, on the monotonic clock. */
  readonly isMemberSince: (sinceMs: number) => boolean;
  readonly onFetched: () => void;
  /** What retrying cannot help against. */
  readonly onFailed: (error: unknown) => void;
}

/** What ran, and how much was committed, when every input was seen to be read to its end. */
interface EndSeen {
  readonly commit: number;
  readonly tasks: readonly TaskPort[];
}

interface Wanted {
  readonly task: TaskPort;
  readonly request: FetchRequest;
}

/** Reads ahead for all running tasks, one request at a time, while they work. */
export class Fetcher {
  private readonly reader: Reader;
  private readonly signal: Signal;
  private readonly silence: FetchSilence;
  private isStopped = false;
  private loop: Promise<void> = Promise.resolve();
  private endSeen: EndSeen | null = null;
  /** When the log began to refuse a position; null: it does not. */
  private refusedSinceMs: number | null = null;
  /** Counts the calls of `lookAgain`: an answer to an earlier request does not tell the end. */
  private looks = 0;

  constructor(private readonly options: FetcherOptions) {
    this.reader = options.log.openReader({ isolation: 'read-committed' });
    this.signal = new Signal(options.scheduler);
    this.silence = new FetchSilence(options.logger);
  }

  start(): void {
    this.loop = this.run();
  }

  /** Positions have changed: tasks came, or a queue has room again. */
  wakeUp(): void {
    this.signal.notify();
    this.reader.wakeUp();
  }

  /** From now on the end counts as seen only once it was asked for anew. */
  lookAgain(): void {
    this.looks += 1;
    this.endSeen = null;
    this.wakeUp();
  }

  /**
   * Whether all inputs of the tasks that run now were read to their end since the last commit. A
   * task that comes back is another object: what the one before has seen tells nothing about it.
   */
  get hasSeenTheEnd(): boolean {
    const { endSeen, options } = this;
    if (endSeen?.commit !== options.commitCount()) return false;
    const running = options.tasks();
    if (running.length !== endSeen.tasks.length) return false;
    return running.every((task, index) => task === endSeen.tasks[index]);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.wakeUp();
    await this.loop;
    await this.reader.close();
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      const wanted = this.wanted();
      if (wanted.length === 0) {
        await this.signal.wait(maxWaitMs);
        continue;
      }
      try {
        await this.fetch(wanted);
      } catch (error) {
        if (this.isStopped) return;
        if (!(error instanceof LogError) || this.isFinal(error)) {
          this.options.onFailed(error);
          return;
        }
        const requests = wanted.map(({ request }) => request);
        this.silence.failed(requests, error);
        await this.signal.wait(retryMs);
      }
    }
  }

  /**
   * Who stood still may be left out by now, and its successor has purged what it has read: a
   * refused position is believed once the group has answered since.
   */
  private isFinal({ code, errorClass }: LogError): boolean {
    if (code !== 'OFFSET_OUT_OF_RANGE') return errorClass === 'fatal';
    this.refusedSinceMs ??= this.options.clock.monotonicTimeMs();
    return this.options.isMemberSince(this.refusedSinceMs);
  }

  private wanted(): Wanted[] {
    return this.options.tasks().flatMap((task) =>
      task.inputs.flatMap((input): Wanted[] => {
        const offset = task.fetchPosition(input);
        return offset === null ? [] : [{ task, request: { ...input, offset } }];
      }),
    );
  }

  private async fetch(wanted: readonly Wanted[]): Promise<void> {
    const { options } = this;
    const commitsBefore = options.commitCount();
    const looksBefore = this.looks;
    const tasks = options.tasks();
    const inputs = tasks.flatMap((task) => task.inputs);
    const requests = wanted.map(({ request }) => request);
    const fetched = await this.reader.fetch(requests, {
      maxWaitMs: options.isHurried() ? hurriedWaitMs : maxWaitMs,
      maxPartitionBytes,
    });
    this.silence.answered(inputs, requests, fetched);
    this.refusedSinceMs = null;
    let hasData = false;
    let isAtEnd = wanted.length === inputs.length;
    for (const [index, answer] of fetched.entries()) {
      const { task } = wanted[index] ?? {};
      if (task?.state !== 'running') {
        isAtEnd = false;
        continue;
      }
      task.enqueue(answer);
      hasData ||= answer.batches.length > 0;
      isAtEnd &&= answer.nextOffset >= answer.ends.logEndOffset;
    }
    const isCurrent = options.commitCount() === commitsBefore && this.looks === looksBefore;
    this.endSeen = isAtEnd && !hasData && isCurrent ? { commit: commitsBefore, tasks } : null;
    options.onFetched();
    // Memory answers at once: without a turn of the event loop nothing else would come to its own.
    await options.scheduler.yieldNow();
  }
}
