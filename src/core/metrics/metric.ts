import type { Histogram } from '../model/histogram.ts';
import type { WorkerReading } from './worker-reading.ts';

/** The labels that any metric may have: each has few values, and none is a key. */
export type LabelName =
  | 'code'
  | 'counter'
  | 'kind'
  | 'node'
  | 'partition'
  | 'reason'
  | 'sink'
  | 'state'
  | 'statistic'
  | 'sub_topology'
  | 'task'
  | 'topic'
  | 'worker';

export interface Sample<Value> {
  readonly labels: Readonly<Partial<Record<LabelName, string>>>;
  readonly value: Value;
}

interface Described {
  readonly name: string;
  /** One sentence, without its full stop: what is counted, or how much there is of what. */
  readonly help: string;
  /** Beside `application`, which all have. */
  readonly labels: readonly LabelName[];
  /** Rules that begin with this metric. */
  readonly alerts?: readonly AlertRule[];
}

/** A metric: what it is called, and how it is read when somebody asks. */
export type Metric =
  | (Described & {
      readonly type: 'counter' | 'gauge';
      readonly read: (reading: WorkerReading) => readonly Sample<number>[];
    })
  | (Described & {
      readonly type: 'histogram';
      readonly read: (reading: WorkerReading) => readonly Sample<Histogram>[];
    });

/** When somebody is to be told, and what to do then. */
export interface AlertRule {
  readonly name: string;
  /** In Prometheus' query language. */
  readonly when: string;
  /** How long it has to hold, as Prometheus writes durations. */
  readonly lasting: string;
  readonly severity: 'page' | 'ticket';
  readonly summary: string;
  readonly action: string;
}

/**
 * What counters have grown by, for rules. `increase` begins at the first value it has seen, and a
 * series that comes with its first event would have its first go unnoticed.
 */
export function grownBy(counter: string, window: string): string {
  return `${counter} unless ${counter} offset ${window} or increase(${counter}[${window}])`;
}

/** Of a metric without labels of its own. */
export function only<Value>(value: Value): readonly Sample<Value>[] {
  return [{ labels: {}, value }];
}
