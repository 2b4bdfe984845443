import type { Serde } from '../serde/serde.ts';
import type { InputTopic } from '../topology/plan.ts';
import type { Processor } from '../topology/processor.ts';

/** Who writes, and to where: named in what an inspection finds. */
export interface WrittenPlace {
  readonly node: string;
  /** Null where each record chooses its topic. */
  readonly topic: string | null;
  readonly part: 'key' | 'value';
}

/**
 * Stands between the engine and the callbacks of a task's nodes, to find what only a restart would
 * show. Everything is put in its place once, when the task starts, so a task without it pays
 * nothing.
 */
export interface TaskInspection {
  input(input: InputTopic): InputTopic;
  processor(processor: Processor<unknown, unknown>): Processor<unknown, unknown>;
  /** A store as a node asks its context for it. */
  store<S>(store: S): S;
  /** What a scan or a lookup hands out. */
  value<T>(value: T): T;
  /** Of a sink or a repartition. */
  serde(serde: Serde<unknown>, place: WrittenPlace): Serde<unknown>;
  /** Of the values in a store. */
  readonly storeSerde: <T>(serde: Serde<T>, store: string) => Serde<T>;
}
