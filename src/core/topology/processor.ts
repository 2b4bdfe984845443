import type { DropReason } from '../model/drop-reason.ts';
import type { Duration } from '../model/duration.ts';
import type { Row, StreamRecord } from '../model/record.ts';
import type { Windowed } from '../model/windows.ts';
import type { Scannable, StoreDefinition } from '../task/state-port.ts';
import type { PlanNode, TableLookup } from './plan.ts';

/** A running node. Synchronous: input and output happen between records. */
export interface Processor<K, V> {
  process(record: StreamRecord<K, V>): void;
  /** Called for what `schedule({ at, ... })` set, in this run or before a restart. */
  onTimer?(timer: FiredTimer): void;
  /** Called inside each commit, before state is serialised; may forward. */
  onCommit?(): void;
}

export interface FiredTimer {
  readonly name: string;
  /** The time it was set for, epoch milliseconds. */
  readonly timeMs: number;
  readonly key: Uint8Array | null;
  readonly data: Uint8Array | null;
}

/** A persistent timer, unique by (node, name, key); setting it again replaces it. */
export interface TimerRequest {
  /** Stream time (or clock time, with `by: 'wall-clock'`), epoch milliseconds. */
  readonly at: number;
  readonly name: string;
  readonly key?: Uint8Array;
  readonly data?: Uint8Array;
  readonly by?: 'stream-time' | 'wall-clock';
}

/** A periodic callback on the grid of the multiples of `every`; set anew at each start. */
export interface PeriodicSchedule {
  readonly every: Duration;
  readonly by: 'stream-time' | 'wall-clock';
}

export interface PeriodicTick {
  readonly timeMs: number;
  /** How many multiples were passed without a call of their own. */
  readonly missed: number;
}

/** Where a record lies in the log. */
export interface RecordMetadata {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** As the log has it, whatever its source made of it; epoch milliseconds. */
  readonly timestampMs: number;
}

/** What a processor can do. One per node and task. */
export interface ProcessorContext<KOut, VOut> {
  readonly application: string;
  readonly node: string;
  readonly taskId: string;
  readonly partition: number;
  /** Greatest event time taken so far in the node's time domain, this record's too; -1 at first. */
  readonly streamTimeMs: number;
  /** The worker's clock, epoch milliseconds: what is made of it cannot be reproduced. */
  readonly wallClockTimeMs: number;
  /**
   * Where the task's input has the record at work, which behind a repartition is the internal
   * topic. Null for what a timer or a commit forwards.
   */
  recordMetadata(): RecordMetadata | null;
  /** Sends downstream and returns when all children are done. `to` names one child. */
  forward(record: StreamRecord<KOut, VOut>, to?: string): void;
  store<S>(definition: StoreDefinition<S>): S;
  /** Refuses the current record: counted under the reason, nothing else of it is undone. */
  drop(record: StreamRecord<unknown, unknown>, reason: DropReason): void;
  schedule(timer: TimerRequest): void;
  schedule(schedule: PeriodicSchedule, callback: (tick: PeriodicTick) => void): void;
  /**
   * Visits a range between the current record (or timer) and the next. In encoded-key order,
   * uncommitted writes merged in, writes made after this call not.
   */
  scan<Range, Entry>(
    store: Scannable<Range, Entry>,
    range: Range,
    visit: (entry: Entry) => void,
  ): void;
  /** The committed high-water mark of its closed windows: greatest `S - grace`; -1 at first. */
  readonly closedMs: number;
  /** Raises `closedMs`; never lowers it. */
  advanceClosed(closedMs: number): void;
  /** How to look rows up in a table of the same task; see `TableNode`. */
  lookup<K, V>(table: PlanNode): TableLookup<K, V>;
  /** Counts something that is worth a number but is no drop (`out-of-order`, ...). */
  count(counter: string): void;
}

/** A store of windows, which lie in the order of their ends. */
export type RowsByEnd = Scannable<
  { readonly gteEndMs: number; readonly ltEndMs: number },
  readonly [Windowed<unknown>, Row<unknown>]
>;

/** What the engine is told of the rows of a store, to know when windows end. */
export interface WindowEnds {
  /** A row with this end was put where there was none. */
  readonly opened: (endMs: number) => void;
  /** A row with this end was removed before it was due. */
  readonly left: (endMs: number) => void;
}

/** What the library's own operators can do besides. */
export interface OperatorContext<KOut, VOut> extends ProcessorContext<KOut, VOut> {
  /**
   * Calls `onTimer` with the name `close` once for each end of windows in the store, `delayMs`
   * after it. No row is written for it: where they end is read from the store. To be called while
   * the processor is created.
   */
  ends(store: RowsByEnd, delayMs: number): WindowEnds;
}
