import type { Topology } from '../../src/index.ts';
import type { MaybePromise } from '../../src/core/model/maybe-promise.ts';

/** A record as a test writes it. */
export interface InputRecord {
  readonly topic: string;
  readonly key: unknown;
  readonly value: unknown;
  readonly timestamp: number;
  readonly partition?: number;
}

/** A committed record of an output topic, decoded. */
export interface OutputRecord {
  readonly key: unknown;
  readonly value: unknown;
  readonly timestamp: number;
}

/** What a run mode needs of a test driver, on memory or on disk. Commits are its caller's. */
export interface OperatorDriver {
  /** Puts all records in, then works until nothing is left to take. */
  send(records: readonly InputRecord[]): MaybePromise<void>;
  /** Commits until all internal topics are read to their end. */
  commit(): MaybePromise<void>;
  /** Loses what is not committed, restores, and takes the lost input again. */
  crash(): MaybePromise<void>;
  /** Committed output records of the topic since the last call. */
  read(topic: string): MaybePromise<readonly OutputRecord[]>;
  /** Reasons of all drops so far that a commit has confirmed, in order. */
  drops(): readonly string[];
  close(): MaybePromise<void>;
}

export type OperatorDriverFactory = (
  topology: Topology,
  settings: { readonly wallClockTimeMs: number },
) => MaybePromise<OperatorDriver>;
