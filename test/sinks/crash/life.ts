import type { EmbeddedBroker } from '../../../src/core/log/embedded/broker.ts';
import type { GroupCoordinator } from '../../../src/core/log/embedded/group-coordinator.ts';
import type { Log, Writer } from '../../../src/core/log/port.ts';
import type { Runtime, ScheduledCall } from '../../../src/core/runtime/runtime.ts';
import { systemRuntime } from '../../../src/core/runtime/system-runtime.ts';
import type { SinkBatch, SinkConnection } from '../../../src/core/sink/sink.ts';
import { memoryBackend, run, type Sink, type Worker } from '../../../src/index.ts';
import { processLog } from '../../support/process-log.ts';
import { progressTopic } from '../../../src/core/topology/names.ts';
import { overriding } from '../../torture/overriding.ts';
import { type DatabaseLine, startDatabaseLine } from '../support/database-line.ts';
import { type NumberedRow, numberedTopology, wordsTopic } from '../support/numbered-rows.ts';
import { sinkOf, type TestedDatabase } from '../support/tested-database.ts';

/** Where a worker may be struck. On the wire: before a request is there, or its answer is. */
export type Point =
  | { readonly at: 'progress' | 'before-commit' | 'after-commit' | 'apply' | 'applied' }
  | { readonly at: 'request' | 'answer'; readonly text: string };

/** What happens to the worker at the point. */
export type Blow = 'die' | 'stand' | 'cut';

export interface Strike {
  readonly point: Point;
  readonly blow: Blow;
  /** Comes to the point so often before. */
  readonly skip: number;
}

export interface LifeOptions {
  readonly broker: EmbeddedBroker;
  readonly coordinator: GroupCoordinator;
  readonly database: TestedDatabase;
  readonly application: string;
  readonly instanceId: string;
}

const { scheduler } = systemRuntime;
const batches = { maxRows: 7, maxDelay: '20ms' } as const;
const attemptTimeoutMs = 1_200;
const sessionTimeoutMs = 1_200;

/** A worker with a log and a database at the far end of its own lines, as a process has them. */
export class Life {
  private state: 'alive' | 'still' | 'dead' = 'alive';
  private strike: Strike | null = null;
  private hasStruck: () => void = () => undefined;
  private waiting: (() => void)[] = [];
  private running: Worker | null = null;
  /** Timers of the dead do not fire, those of who stands still fire late. */
  private readonly runtime: Runtime = {
    clock: systemRuntime.clock,
    random: systemRuntime.random,
    scheduler: {
      yieldNow: () => scheduler.yieldNow().then(() => this.pass()),
      sleep: (delayMs) => scheduler.sleep(delayMs).then(() => this.pass()),
      after: (delayMs, call, keepsAlive) => this.after(delayMs, call, keepsAlive),
    },
  };

  private constructor(
    private readonly options: LifeOptions,
    private readonly line: DatabaseLine,
  ) {}

  static async start(options: LifeOptions): Promise<Life> {
    const life = new Life(options, await startDatabaseLine(options.database.port));
    const { application, database, instanceId } = options;
    const sink = sinkOf(database.kind, { port: life.line.port, batches, attemptTimeoutMs });
    life.running = await run(numberedTopology(application, life.struck(sink)), {
      log: life.log(),
      runtime: life.runtime,
      state: memoryBackend(),
      instanceId,
      commitInterval: '10ms',
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: sessionTimeoutMs / 6,
    });
    return life;
  }

  get worker(): Worker {
    if (this.running === null) throw new Error('It has not started.');
    return this.running;
  }

  /** Resolves once the worker is struck. */
  arm(strike: Strike): Promise<void> {
    const { point, skip } = strike;
    return new Promise((resolve) => {
      this.hasStruck = resolve;
      this.strike = strike;
      if (point.at !== 'request' && point.at !== 'answer') return;
      this.line.watch({ side: point.at, text: point.text, skip, onSeen: () => this.fall() });
    });
  }

  /** Goes on where it stood, with what has waited on its lines. */
  wake(): void {
    this.state = 'alive';
    for (const go of this.waiting.splice(0)) go();
    this.line.release();
  }

  /** Closes the worker, which must not be dead or stand still. */
  async end(): Promise<void> {
    await this.running?.close().catch(() => undefined);
  }

  closeLine(): Promise<void> {
    return this.line.close();
  }

  private reached(at: Point['at']): void {
    if (this.strike?.point.at !== at) return;
    if (this.strike.skip === 0) this.fall();
    else this.strike = { ...this.strike, skip: this.strike.skip - 1 };
  }

  private fall(): void {
    const { strike } = this;
    this.strike = null;
    if (strike?.blow === 'die') this.state = 'dead';
    if (strike?.blow === 'stand') {
      this.state = 'still';
      this.line.hold();
    } else this.line.cut();
    this.hasStruck();
  }

  /** At once while it lives, later while it stands still; never for the dead. */
  private async pass(at?: Point['at']): Promise<void> {
    if (at !== undefined) this.reached(at);
    while (this.state !== 'alive') await new Promise<void>((go) => this.waiting.push(go));
  }

  private after(delayMs: number, call: () => void, keepsAlive?: boolean): ScheduledCall {
    let isCancelled = false;
    const later = async () => {
      await this.pass();
      if (!isCancelled) call();
    };
    const fire = () => (this.state === 'alive' ? call() : void later());
    const timer = scheduler.after(delayMs, fire, keepsAlive);
    return {
      cancel() {
        isCancelled = true;
        timer.cancel();
      },
    };
  }

  private log(): Log {
    const log = processLog(this.options, this.runtime, async (_request, go) => {
      await this.pass();
      const answer = await go();
      await this.pass();
      return answer;
    });
    return overriding(log, {
      // The outbox is to be compared, so all of it stays.
      admin: overriding(log.admin, { deleteRecords: () => Promise.resolve() }),
      openWriter: async (options) => this.writer(await log.openWriter(options)),
    });
  }

  private writer(writer: Writer): Writer {
    const { application } = this.options;
    let isDelivery = false;
    const others = progressTopic(application, wordsTopic);
    const isProgress = (topic: string) => topic.endsWith('-progress') && topic !== others;
    return overriding(writer, {
      produce: async (sent) => {
        isDelivery ||= sent.some(({ topic }) => isProgress(topic));
        if (isDelivery) await this.pass('progress');
        return writer.produce(sent);
      },
      commit: async () => {
        const isOf = (at: Point['at']) => (isDelivery ? at : undefined);
        await this.pass(isOf('before-commit'));
        await writer.commit();
        await this.pass(isOf('after-commit'));
        isDelivery = false;
      },
    });
  }

  private struck(sink: Sink<NumberedRow>): Sink<NumberedRow> {
    return { ...sink, connect: (place) => this.connection(sink.connect(place)) };
  }

  private connection(inner: SinkConnection): SinkConnection {
    return {
      open: async (signal) => {
        await this.pass();
        return inner.open(signal);
      },
      apply: async (batch: SinkBatch) => {
        await this.pass('apply');
        const outcome = await inner.apply(batch);
        await this.pass('applied');
        return outcome;
      },
      close: () => inner.close(),
    };
  }
}
