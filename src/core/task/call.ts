import { messageOf } from '../model/message-of.ts';
import { ProcessingError } from '../model/errors.ts';
import type { StreamRecord } from '../model/record.ts';
import type { ScheduledCall, Scheduler } from '../runtime/runtime.ts';
import type { CallAttempt, CallSettings } from '../topology/plan.ts';
import type { Deadlines, Expiring } from './deadlines.ts';
import type { UnitPlace } from './unit-place.ts';

/** What a call has come to, after all its attempts. */
export type CallOutcome = { readonly value: unknown } | { readonly error: unknown };

export interface CallRequest {
  readonly node: string;
  readonly record: StreamRecord<unknown, unknown>;
  /** Stream time when the record was taken. */
  readonly momentMs: number;
  /** The record of the input that it comes from. */
  readonly place: UnitPlace;
}

export interface CallServices {
  readonly settings: CallSettings;
  readonly scheduler: Scheduler;
  readonly deadlines: Deadlines;
  onRetry(): void;
  onEnded(call: Call): void;
  /** An attempt has ended, with or without another to follow. */
  onAttemptEnded(): void;
}

/** A record that waits for a promise: attempt after attempt, until one succeeds or none is left. */
export class Call {
  /** Null until it has ended. */
  outcome: CallOutcome | null = null;
  /** Its result was worked on. */
  isDone = false;
  private attempts = 0;
  /** The one under way; null before the first, between two, and after the last. */
  private attempt: Attempt | null = null;
  private retry: ScheduledCall | null = null;

  constructor(
    readonly request: CallRequest,
    readonly lane: string | null,
    private readonly services: CallServices,
  ) {}

  /** False while it waits for a retry: then only the clock brings it further. */
  get isUnderWay(): boolean {
    return this.attempt !== null;
  }

  start(): void {
    const { deadlines, settings } = this.services;
    const attempt = new Attempt(this);
    this.attempts += 1;
    this.attempt = attempt;
    deadlines.begin(attempt);
    let result: unknown;
    try {
      result = settings.make(this.request.record, attempt);
    } catch (error) {
      result = rejection(error);
    }
    Promise.resolve(result).then(
      (value) => this.end(attempt, { value }),
      (error: unknown) => this.fail(attempt, error),
    );
  }

  /** Its result is not wanted any more. */
  abandon(): void {
    const { attempt } = this;
    this.attempt = null;
    this.retry?.cancel();
    if (attempt === null) return;
    this.services.deadlines.end(attempt);
    attempt.abort();
  }

  /** The attempt has run out of time: what it brings later is not heard. */
  expire(attempt: Attempt): void {
    attempt.abort();
    this.fail(attempt, timedOut(this.request.node, this.services.settings.timeoutMs));
  }

  private fail(attempt: Attempt, error: unknown): void {
    if (this.attempt !== attempt) return;
    const { services } = this;
    if (this.attempts > services.settings.retries) return this.end(attempt, { error });
    services.deadlines.end(attempt);
    this.attempt = null;
    services.onRetry();
    try {
      const delayMs = services.settings.backoffMs(this.attempts);
      if (delayMs === 0) this.start();
      else this.retry = services.scheduler.after(delayMs, () => this.start(), true);
    } catch (cause) {
      return this.finish({ error: noBackoff(this.request.node, cause) });
    }
    services.onAttemptEnded();
  }

  private end(attempt: Attempt, outcome: CallOutcome): void {
    if (this.attempt !== attempt) return;
    this.services.deadlines.end(attempt);
    this.attempt = null;
    this.finish(outcome);
  }

  private finish(outcome: CallOutcome): void {
    this.outcome = outcome;
    this.services.onEnded(this);
    this.services.onAttemptEnded();
  }
}

/** Most calls never look at their signal, so it is made when it is asked for. */
class Attempt implements CallAttempt, Expiring {
  private controller: AbortController | null = null;
  private isAborted = false;

  constructor(private readonly call: Call) {}

  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    if (this.isAborted) this.controller.abort();
    return this.controller.signal;
  }

  expire(): void {
    this.call.expire(this);
  }

  abort(): void {
    this.isAborted = true;
    this.controller?.abort();
  }
}

/** A throw is heard as a rejection is: not while the record is still being taken. */
function rejection(error: unknown): Promise<never> {
  return Promise.resolve().then(() => {
    throw error;
  });
}

function timedOut(node: string, timeoutMs: number): ProcessingError {
  return new ProcessingError(
    'CALL_TIMED_OUT',
    `A call of '${node}' did not end within ${timeoutMs} ms.`,
    { where: { node } },
  );
}

function noBackoff(node: string, cause: unknown): ProcessingError {
  return new ProcessingError('PROCESSING', `The backoff of '${node}' threw: ${messageOf(cause)}`, {
    where: { node },
    cause,
  });
}
