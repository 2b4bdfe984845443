import type { DropReason, ErrorPolicy, ErrorStage } from '../model/drop-reason.ts';
import { type MillraceError, ProcessingError, SerdeError, WorkerError } from '../model/errors.ts';
import { noHeaders } from '../model/headers.ts';
import type { StreamRecord } from '../model/record.ts';
import type { SourceNode, Topology } from '../topology/plan.ts';
import { type DeadLetterCause, type UnitOrigin, writeDeadLetter } from './dead-letter.ts';
import { ErrorBreaker } from './error-breaker.ts';
import type { InputQueue } from './input-queue.ts';
import type { OutputCollector } from './output-collector.ts';
import type { TaskCounters } from './task-counters.ts';
import type { TaskHooks } from './task-port.ts';
import type { DueTimer } from './task-timers.ts';
import { UnitFailure } from './unit-failure.ts';

export interface ErrorHandlingOptions {
  readonly topology: Topology;
  readonly taskId: string;
  readonly partition: number;
  readonly hooks: TaskHooks;
  readonly counters: TaskCounters;
  readonly collector: OutputCollector;
  readonly partitionsOf: (topic: string) => number;
}

type AnyRecord = StreamRecord<unknown, unknown>;

/** Decides what becomes of records in error, and counts whatever is dropped. */
export class ErrorHandling {
  private readonly breakers = new Map<number, ErrorBreaker>();
  private input: InputQueue | null = null;
  private timer: DueTimer | null = null;

  constructor(private readonly options: ErrorHandlingOptions) {}

  /** The head of this input is worked on from here. */
  workOn(input: InputQueue): void {
    this.input = input;
    this.timer = null;
  }

  workOnTimer(timer: DueTimer): void {
    this.input = null;
    this.timer = timer;
  }

  /** Counts and tells a refusal by an operator or a source; a dead letter if one is asked for. */
  drop(node: string, record: AnyRecord, reason: DropReason): void {
    this.tell(node, record, reason);
    const { deadLetterDrops } = this.options.topology;
    if (deadLetterDrops !== 'all' && !deadLetterDrops.includes(reason)) return;
    const message = `Node '${node}' dropped the record as '${reason}'.`;
    this.writeDeadLetter({ stage: 'drop', code: reason, message, node, error: null });
  }

  private tell(node: string, record: AnyRecord, reason: DropReason): void {
    const { counters, hooks, taskId, partition } = this.options;
    const name = `${node}\0${reason}`;
    counters.dropped.set(name, (counters.dropped.get(name) ?? 0) + 1);
    hooks.onDropped(reason, record, {
      node,
      task: taskId,
      topic: this.input?.topic ?? null,
      partition,
      offset: this.input?.headOffset ?? null,
    });
  }

  /** After the effects of the unit are undone: drops or dead-letters it, or throws the error. */
  handle(failure: UnitFailure): void {
    const { error, stage, node } = failure;
    const origin = this.origin();
    const policy = this.policyFor(failure);
    if (policy === 'fail') throw withPlace(error, origin, node, this.options.taskId);
    if (this.input !== null && this.options.topology.breaker === 'on') {
      this.checkRate(this.input, failure);
    }
    if (policy === 'drop') return this.drop(node, recordOf(origin), reasonOf(stage));
    this.tell(node, recordOf(origin), reasonOf(stage));
    this.writeDeadLetter({ stage, code: error.code, message: error.message, node, error });
  }

  private writeDeadLetter(cause: DeadLetterCause): void {
    const { topology, collector, partitionsOf, taskId } = this.options;
    const { deadLetterTopic: topic, application, stack } = topology;
    if (topic === null) return;
    const includesStack = stack === 'include';
    writeDeadLetter(
      { topic, application, taskId, includesStack, collector, partitionsOf },
      this.origin(),
      cause,
    );
  }

  /** A record that its source could not read. */
  undecodable(error: MillraceError, node: SourceNode): void {
    const byDefault = this.options.topology.deadLetterTopic === null ? 'fail' : 'dead-letter';
    const policy = node.onDeserializationError ?? byDefault;
    this.handle(new UnitFailure(error, 'deserialization', policy, node.name));
  }

  /** The bytes and the place of what is worked on. */
  private origin(): UnitOrigin {
    const { partition } = this.options;
    if (this.input === null) {
      const { timer = null, timeMs = 0 } = this.timer ?? {};
      return timerOrigin(timer?.key ?? null, timeMs, partition);
    }
    const { topic } = this.input;
    const { batch, index } = this.input.place;
    return {
      key: batch.key(index),
      value: batch.value(index),
      timestamp: Math.max(0, batch.timestamp(index)),
      headers: batch.headers(index),
      topic,
      partition,
      offset: batch.offset(index),
    };
  }

  private policyFor({ error, stage, policy }: UnitFailure): ErrorPolicy {
    try {
      const chosen = this.options.hooks.onError(error, stage) ?? policy ?? 'fail';
      const hasTopic = this.options.topology.deadLetterTopic !== null;
      return chosen === 'dead-letter' && !hasTopic ? 'fail' : chosen;
    } catch {
      // A handler that throws cannot have decided.
      return 'fail';
    }
  }

  private checkRate({ input, seen }: InputQueue, { error, node }: UnitFailure): void {
    const breaker = this.breakers.get(input) ?? new ErrorBreaker();
    this.breakers.set(input, breaker);
    if (!breaker.tripsOn(seen)) return;
    throw new WorkerError(
      'ERROR_RATE',
      `More than half of the last 1000 records of task ${this.options.taskId} were in error, ` +
        `last at node '${node}': ${error.message} Mend the producer or the callback; the worker ` +
        'then goes on where it stopped.',
      { where: { ...error.where, node, task: this.options.taskId }, cause: error },
    );
  }
}

function reasonOf(stage: ErrorStage): DropReason {
  return stage === 'drop' ? 'processing' : stage;
}

function recordOf({ key, value, timestamp, headers }: UnitOrigin): AnyRecord {
  return { key, value, timestamp, headers };
}

/** The same error, with the record it happened at. */
function withPlace(
  error: MillraceError,
  origin: UnitOrigin,
  node: string,
  task: string,
): MillraceError {
  const { topic, partition, offset } = origin;
  const place = topic === null ? {} : { topic, partition, ...(offset === null ? {} : { offset }) };
  const where = { node, task, ...place, ...error.where };
  const at = topic === null ? '' : ` (from '${topic}', partition ${partition}, offset ${offset})`;
  const message = error.message.includes(`offset ${offset}`) ? error.message : error.message + at;
  const options = { where, cause: error.cause ?? error };
  const Located = error instanceof SerdeError ? SerdeError : ProcessingError;
  return new Located(error.code, message, options);
}

/** A timer has no record behind it: its key, and the time it was set for. */
export function timerOrigin(
  key: Uint8Array | null,
  timestamp: number,
  partition: number,
): UnitOrigin {
  const none = { value: null, headers: noHeaders, topic: null, offset: null };
  return { key, timestamp, partition, ...none };
}
