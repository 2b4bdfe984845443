import type { ErrorCode } from './error-codes.ts';

/** Where an error happened, as far as it is known. */
export interface ErrorPlace {
  readonly node?: string;
  readonly store?: string;
  readonly task?: string;
  readonly topic?: string;
  readonly partition?: number;
  readonly offset?: number;
}

export interface MillraceErrorOptions {
  readonly where?: ErrorPlace;
  readonly cause?: unknown;
}

/** Every error this library throws: a code to test, a place, a text that says what to do. */
export class MillraceError extends Error {
  readonly code: ErrorCode;
  readonly where: ErrorPlace;

  constructor(code: ErrorCode, message: string, { where = {}, cause }: MillraceErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.where = where;
  }
}

/** An option that cannot be used. */
export class ConfigError extends MillraceError {}

export class SerdeError extends MillraceError {}

export class StoreError extends MillraceError {}

export class WorkerError extends MillraceError {}

/** A user callback threw, or returned what it must not. */
export class ProcessingError extends MillraceError {}

export interface TopologyProblem {
  readonly code: ErrorCode;
  readonly node?: string;
  readonly message: string;
}

/** All that is wrong with a topology, at once. */
export class TopologyError extends MillraceError {
  readonly problems: readonly TopologyProblem[];

  constructor(problems: readonly TopologyProblem[]) {
    const first = problems[0];
    const lines = problems.map(({ code, message }) => `  ${code}: ${message}`);
    super(
      first?.code ?? 'INVALID_TOPOLOGY',
      `The topology has ${problems.length} problem(s):\n${lines.join('\n')}`,
      first?.node === undefined ? {} : { where: { node: first.node } },
    );
    this.problems = problems;
  }
}

/** What a caller may do about a failed log request. */
export type LogErrorClass = 'retriable' | 'fenced' | 'abort-and-reinitialise' | 'fatal';

export class LogError extends MillraceError {
  readonly errorClass: LogErrorClass;

  constructor(
    errorClass: LogErrorClass,
    code: ErrorCode,
    message: string,
    options: MillraceErrorOptions = {},
  ) {
    super(code, message, options);
    this.errorClass = errorClass;
  }
}

/**
 * What is known after a failed attempt to deliver to a sink:
 * - `unknown`: perhaps applied; the same batch is sent again, after a while;
 * - `refused`: surely not applied, for the content of a row; the batch is split until it is found;
 * - `fenced`: a newer owner delivers; this one stops;
 * - `fatal`: trying again cannot help; the worker stops.
 */
export type SinkOutcome = 'unknown' | 'refused' | 'fenced' | 'fatal';

/** A sink could not do what it was asked for. */
export class SinkError extends MillraceError {
  readonly outcome: SinkOutcome;

  constructor(
    outcome: SinkOutcome,
    code: ErrorCode,
    message: string,
    options: MillraceErrorOptions = {},
  ) {
    super(code, message, options);
    this.outcome = outcome;
  }
}
