import { onCommit, onUpdate } from '../../src/index.ts';
import { count } from '../queries/count.ts';
import { filterMap } from '../queries/filter-map.ts';
import { passThrough } from '../queries/pass-through.ts';
import type { Query } from '../queries/query.ts';
import { streamTableJoin } from '../queries/stream-table-join.ts';
import { windowedCount } from '../queries/windowed-count.ts';

/** One query in both engines, with settings that ask the same of both. */
export interface Comparison {
  readonly query: Query;
  /** The name of the query in Kafka Streams. */
  readonly peerQuery: string;
  /** The record cache of Kafka Streams: on where Millrace emits at the commit too. */
  readonly peerCache: 'on' | 'off';
}

function comparison(peerQuery: string, query: Query, peerCache: 'on' | 'off' = 'on'): Comparison {
  return { query, peerQuery, peerCache };
}

export const comparisons: Readonly<Record<string, Comparison>> = {
  passthrough: comparison('passthrough', passThrough),
  'filter-map': comparison('filter-map', filterMap),
  count: comparison('count', count(onCommit())),
  'count-on-update': comparison('count', count(onUpdate()), 'off'),
  'windowed-count': comparison('windowed-count', windowedCount(onCommit())),
  'windowed-count-on-update': comparison('windowed-count', windowedCount(onUpdate()), 'off'),
  'stream-table-join': comparison('stream-table-join', streamTableJoin),
};

export function comparisonOf(name: string): Comparison {
  const found = comparisons[name];
  if (found === undefined) throw new Error(`There is no query '${name}'.`);
  return found;
}

export type Guarantee = 'exactly-once' | 'at-least-once';
export const guarantees: readonly Guarantee[] = ['exactly-once', 'at-least-once'];

/** Of both engines. */
export const commitIntervalMs = 100;
export const partitions = 4;

/** What one engine did with one query. */
export interface EngineResult {
  readonly query: string;
  readonly engine: string;
  readonly guarantee: Guarantee;
  readonly records: number;
  readonly recordsPerSecond: number;
  /** From the first record to the close, the compiler's warm-up included. */
  readonly cpuMicrosPerRecord: number;
  /** From a quarter of the records to their end. */
  readonly steadyCpuMicrosPerRecord: number;
  /** Of all output, or of the last of each key. */
  readonly checksum: string;
}

/** What is asked of one run of one engine. */
export interface EngineTask {
  readonly name: string;
  readonly guarantee: Guarantee;
  readonly records: number;
  readonly brokers: string;
}
