import type { Topology } from '../../src/index.ts';
import type { DataSet } from '../data/data-set.ts';
import type { Event } from '../data/events.ts';
import type { BareLoop } from '../measure/bare-loop.ts';

export type OutputRecord = readonly [key: string | Uint8Array, value: string | Uint8Array];

/** What a topology is called and where it reads and writes. */
export interface QueryNames {
  readonly application: string;
  readonly input: string;
  readonly table: string;
  readonly output: string;
}

/** A benchmark topology with what it must answer and what a bare loop needs for the same. */
export interface Query {
  /** Gets as many records as are asked for. */
  readonly input: DataSet;
  /** A second input: rows of a table, or a stream with as many records as `input`. */
  readonly table: { readonly dataSet: DataSet; readonly records: number | 'as-many' } | null;
  readonly topology: (names: QueryNames) => Topology;
  /** Over the payloads of `input`, and of the second input if that is a stream. */
  readonly bareLoop: () => BareLoop;
  /** Recomputed from the data set, without the engine. */
  readonly expected: (records: number) => Iterable<OutputRecord>;
  /** Whether only the last record of each key is compared. */
  readonly isLastPerKey: boolean;
}

/** How many records the second input has, for `records` of the first. */
export function tableRecords({ table }: Query, records: number): number {
  if (table === null) return 0;
  return table.records === 'as-many' ? records : table.records;
}

export const outputTopic = 'out';

/** Topics of the data sets' names, for a log of one's own. */
export function plainNames({ input, table }: Query): QueryNames {
  const tableTopic = table?.dataSet.name ?? '';
  return { application: 'bench', input: input.name, table: tableTopic, output: outputTopic };
}

/** 8 bytes, big-endian. */
export function int64Bytes(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

/** The records of an input, parsed. */
export function* parsed<T>(dataSet: DataSet, records: number): Iterable<T> {
  for (let index = 0; index < records; index++) {
    yield JSON.parse(dataSet.record(index).value) as T; // the caller names the data set's type
  }
}

/** The times of each user's events, heartbeats left out, ascending. */
export function timesPerUser(
  dataSet: DataSet,
  records: number,
): ReadonlyMap<string, readonly number[]> {
  const perUser = new Map<string, number[]>();
  for (const { event_name, user_id, ts } of parsed<Event>(dataSet, records)) {
    if (event_name === 'heartbeat') continue;
    const times = perUser.get(user_id);
    if (times === undefined) perUser.set(user_id, [ts]);
    else times.push(ts);
  }
  for (const times of perUser.values()) times.sort((a, b) => a - b);
  return perUser;
}
