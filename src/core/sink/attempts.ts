import { type ErrorPlace, LogError, SinkError } from '../model/errors.ts';
import { messageOf } from '../model/message-of.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { settledWithin } from './settled-within.ts';
import type { Sink, SinkBatch, SinkConnection, SinkPosition, DeliveryPlace } from './sink.ts';

const firstDelayMs = 100;
const maxDelayMs = 30_000;
/** A connection that takes longer to close is left behind. */
const maxCloseMs = 1_000;
/** How often it looks whether the group has answered again. */
const leasePollMs = 100;

export interface AttemptsOptions {
  readonly sink: Sink<never>;
  readonly place: DeliveryPlace;
  readonly runtime: Runtime;
  readonly logger: Logger;
  /** Monotonic time from which nothing may be sent any more until the group has answered. */
  readonly mayStartUntilMs: () => number;
  /** For errors. */
  readonly where: ErrorPlace;
  /** Throws if it is not what the committed plans say. */
  readonly checkPosition: (position: SinkPosition) => void;
}

/**
 * Sends batches to a sink until their outcome is known: the same batch again after each attempt
 * that says nothing, over a new connection and after a delay that doubles. Nothing is sent later
 * than half a session after the group was last heard of, so that whoever owns the outbox partition
 * next has nothing to fear from this owner for long.
 */
export class Attempts {
  retries = 0;
  lastError: string | null = null;
  private connection: SinkConnection | null = null;
  private isStopped = false;
  private inARow = 0;
  private current: AbortController | null = null;
  /** Wakes who waits between two attempts. */
  private wake: () => void = () => undefined;

  constructor(private readonly options: AttemptsOptions) {}

  /** Asks the system how far it is, so that what is wrong with it shows before the first batch. */
  async open(): Promise<void> {
    await this.untilKnown(() => Promise.resolve());
  }

  /** Null: stopped before the outcome was known. Throws what no further attempt can mend. */
  async apply(
    batch: Omit<SinkBatch, 'signal'>,
    pauseMs: number,
  ): Promise<'applied' | 'duplicate' | null> {
    if (pauseMs > 0) await this.wait(pauseMs);
    return this.untilKnown((connection, signal) => connection.apply({ ...batch, signal }));
  }

  /** Ends the attempt under way; its outcome then is not known. */
  stop(): void {
    this.isStopped = true;
    this.current?.abort();
    this.wake();
  }

  async close(): Promise<void> {
    const { connection } = this;
    if (connection === null) return;
    this.connection = null;
    await settledWithin(connection.close(), maxCloseMs, this.options.runtime.scheduler);
  }

  private async untilKnown<T>(
    send: (connection: SinkConnection, signal: AbortSignal) => Promise<T>,
  ): Promise<T | null> {
    for (;;) {
      await this.untilLeased();
      if (this.isStopped) return null;
      try {
        const result = await this.attempt(send);
        this.inARow = 0;
        this.lastError = null;
        return result;
      } catch (error) {
        // A batch that is refused was answered: the connection is good.
        if (error instanceof SinkError && error.outcome === 'refused') throw error;
        await this.close();
        if (this.isStopped) return null;
        if (error instanceof SinkError && error.outcome !== 'unknown') {
          throw asWorkers(error, this.options.where);
        }
        this.tell(error);
      }
      await this.wait(this.backOffMs());
    }
  }

  private async attempt<T>(
    send: (connection: SinkConnection, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { sink, place, runtime } = this.options;
    const { attemptTimeoutMs, name } = sink;
    const abort = new AbortController();
    this.current = abort;
    const ended = new Promise<never>((_, reject) => {
      abort.signal.addEventListener('abort', () =>
        reject(
          new SinkError(
            'unknown',
            'SINK_UNAVAILABLE',
            `The sink '${name}' has not answered within ${attemptTimeoutMs} ms.`,
          ),
        ),
      );
    });
    const timer = runtime.scheduler.after(attemptTimeoutMs, () => abort.abort(), true);
    const work = async (): Promise<T> => {
      let { connection } = this;
      if (connection === null) {
        connection = this.connection = sink.connect(place);
        const position = await connection.open(abort.signal);
        // Left behind meanwhile: another connection may be at work already.
        abort.signal.throwIfAborted();
        if (position !== null) this.options.checkPosition(position);
      }
      return send(connection, abort.signal);
    };
    try {
      // A system that does not heed the signal is left behind with its connection.
      return await Promise.race([work(), ended]);
    } finally {
      timer.cancel();
      this.current = null;
    }
  }

  private async untilLeased(): Promise<void> {
    const { runtime, mayStartUntilMs } = this.options;
    while (!this.isStopped && runtime.clock.monotonicTimeMs() >= mayStartUntilMs()) {
      await this.wait(leasePollMs);
    }
  }

  /** Between half and all of the delay, so that many who wait do not come at once. */
  private backOffMs(): number {
    const delayMs = Math.min(maxDelayMs, firstDelayMs * 2 ** (this.inARow - 1));
    return delayMs * (0.5 + this.options.runtime.random.next() / 2);
  }

  private async wait(delayMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const call = this.options.runtime.scheduler.after(delayMs, resolve, true);
      this.wake = () => {
        call.cancel();
        resolve();
      };
    });
    this.wake = () => undefined;
  }

  private tell(error: unknown): void {
    const { sink, place, logger } = this.options;
    this.retries += 1;
    this.inARow += 1;
    this.lastError = messageOf(error);
    logger.warn(`The sink '${sink.name}' is tried again: ${this.lastError}`, {
      sink: sink.name,
      partition: place.partition,
      attempt: this.inARow,
    });
  }
}

/** With its place. Another owner: the tasks go back to their last commit, as after a fenced one. */
function asWorkers(cause: SinkError, where: ErrorPlace): Error {
  const { outcome, code, message } = cause;
  const options = { where: { ...where, ...cause.where }, cause };
  if (outcome === 'fenced') return new LogError('fenced', code, message, options);
  return new SinkError(outcome, code, message, options);
}
