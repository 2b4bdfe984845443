import type { DropReason, ErrorPolicy, ErrorStage } from '../model/drop-reason.ts';
import { type MillraceError, ProcessingError, SerdeError } from '../model/errors.ts';
import type { StreamRecord } from '../model/record.ts';
import type { SourceNode, Topology } from '../topology/plan.ts';
import { type DeadLetterCause, type UnitOrigin, writeDeadLetter } from './dead-letter.ts';
import { ErrorBreaker, errorRate } from './error-breaker.ts';
import type { InputQueue } from './input-queue.ts';
import type { OutputCollector } from './output-collector.ts';
import { count, type TaskCounters } from './task-counters.ts';
import type { TaskHooks } from './task-port.ts';
import type { DueTimer } from './task-timers.ts';
import { UnitFailure } from './unit-failure.ts';
import { RecordPlace, timerOrigin, type UnitPlace } from './unit-place.ts';

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
  private result: UnitPlace | null = null;

  constructor(private readonly options: ErrorHandlingOptions) {}

  /** The head of this input is worked on from here. */
  workOn(input: InputQueue): void {
    this.input = input;
    this.timer = null;
    this.result = null;
  }

  workOnTimer(timer: DueTimer): void {
    this.input = null;
    this.timer = timer;
    this.result = null;
  }

  /** The result of a call that came from there. */
  workOnResult(place: UnitPlace): void {
    this.input = null;
    this.timer = null;
    this.result = place;
  }

  /** What nodes forward in a commit comes from no record. */
  workOnCommit(): void {
    this.input = null;
    this.timer = null;
    this.result = null;
  }

  /** What is worked on, for later. */
  place(): UnitPlace {
    if (this.result !== null) return this.result;
    const { partition } = this.options;
    if (this.input === null) {
      const { timer = null, timeMs = 0 } = this.timer ?? {};
      const origin = () => timerOrigin(timer?.key ?? null, timeMs, partition);
      return { topic: null, offset: null, seen: null, origin };
    }
    const { topic, place, input, seen } = this.input;
    return new RecordPlace(topic, partition, { input, record: seen }, place);
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
    count(counters.dropped, node, reason);
    hooks.onDropped(reason, record, {
      node,
      task: taskId,
      topic: this.input?.topic ?? this.result?.topic ?? null,
      partition,
      offset: this.input?.headOffset ?? this.result?.offset ?? null,
    });
  }

  /** After the effects of the unit are undone: drops or dead-letters it, or throws the error. */
  handle(failure: UnitFailure): void {
    const { error, stage, node } = failure;
    const place = this.place();
    const { seen } = place;
    const origin = place.origin();
    const policy = policyFor(failure, this.options);
    if (policy === 'fail') throw withPlace(error, origin, node, this.options.taskId);
    if (seen !== null && this.options.topology.breaker === 'on') this.checkRate(seen, failure);
    if (policy === 'drop') return this.drop(node, recordOf(origin), reasonOf(stage));
    this.tell(node, recordOf(origin), reasonOf(stage));
    this.writeDeadLetter({ stage, code: error.code, message: error.message, node, error });
  }

  private writeDeadLetter(cause: DeadLetterCause): void {
    const { topology, collector, counters, partitionsOf, taskId } = this.options;
    const { deadLetterTopic: topic, application, stack } = topology;
    if (topic === null) return;
    count(counters.deadLetters, cause.node, cause.code);
    const includesStack = stack === 'include';
    writeDeadLetter(
      { topic, application, taskId, includesStack, collector, partitionsOf },
      this.place().origin(),
      cause,
    );
  }

  /** A record that its source could not read. */
  undecodable(error: MillraceError, node: SourceNode): void {
    this.handle(unreadable(error, node, this.options.topology));
  }

  private checkRate(
    { input, record }: NonNullable<UnitPlace['seen']>,
    { error, node }: UnitFailure,
  ): void {
    const breaker = this.breakers.get(input) ?? new ErrorBreaker();
    this.breakers.set(input, breaker);
    if (breaker.tripsOn(record)) throw errorRate(error, this.options.taskId, node);
  }
}

/** The failure of a source to read a record. */
export function unreadable(
  error: MillraceError,
  node: SourceNode,
  { deadLetterTopic }: Topology,
): UnitFailure {
  const byDefault = deadLetterTopic === null ? 'fail' : 'dead-letter';
  const policy = node.onDeserializationError ?? byDefault;
  return new UnitFailure(error, 'deserialization', policy, node.name);
}

/** What becomes of a failed unit: the worker's handler is asked before the node's policy. */
export function policyFor(
  { error, stage, policy }: UnitFailure,
  { hooks, topology }: Pick<ErrorHandlingOptions, 'hooks' | 'topology'>,
): ErrorPolicy {
  try {
    const chosen = hooks.onError(error, stage) ?? policy ?? 'fail';
    const hasTopic = topology.deadLetterTopic !== null;
    return chosen === 'dead-letter' && !hasTopic ? 'fail' : chosen;
  } catch {
    // A handler that throws cannot have decided.
    return 'fail';
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
  // Of one record: the topic that could not be written is in the message.
  const where = { node, task, ...error.where, ...place };
  const at = topic === null ? '' : ` (from '${topic}', partition ${partition}, offset ${offset})`;
  const message = error.message.includes(`offset ${offset}`) ? error.message : error.message + at;
  const options = { where, cause: error.cause ?? error };
  const Located = error instanceof SerdeError ? SerdeError : ProcessingError;
  return new Located(error.code, message, options);
}
