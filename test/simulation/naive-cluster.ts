import { defaultPartition } from '../../src/core/log/murmur2.ts';
import type { TextRecord } from '../support/log-records.ts';
import type { ClusterDump } from './cluster-dump.ts';
import type { ClusterInput } from './cluster-input.ts';
import { graceMs, pageOf, windowMs } from './cluster-topology.ts';

interface Visit {
  readonly person: string;
  readonly text: string;
  readonly timestamp: number;
  /** Stream time of its partition, itself included. */
  readonly streamTimeMs: number;
}

/** What the outputs must be, from the input alone: no store, no increment, one pass each. */
export function naiveDump(input: ClusterInput, partitions: number): ClusterDump {
  const visits = eachPartition(partitions, (partition) => visitsOf(input, partition, partitions));
  const late = visits.map((own) => own.filter(isLate));
  const all = visits.flat();
  return {
    visits: lines(visits),
    late: lines(late),
    closed: lines(visits.map((own, partition) => closedOf(own, input, partition, partitions))),
    'page-windows': countUp(
      all.map(({ text, timestamp }) => `${pageOf(text)}@${startOf(timestamp)}`),
    ),
    'page-totals': countUp(all.map(({ text }) => pageOf(text))),
  };
}

function eachPartition<T>(partitions: number, of: (partition: number) => T): T[] {
  return Array.from({ length: partitions }, (_, partition) => of(partition));
}

function recordsOf(records: readonly TextRecord[], partition: number, partitions: number) {
  return records.filter(
    ({ key }) => defaultPartition(Buffer.from(key ?? ''), partitions) === partition,
  );
}

/** Every click that finds its person's row as of its turn: rows of its own time or before it. */
function visitsOf(input: ClusterInput, partition: number, partitions: number): Visit[] {
  const people = recordsOf(input.people, partition, partitions);
  const clicks = recordsOf(input.chunks.flat(), partition, partitions).filter(isJson);
  return clicks.flatMap(({ key, value, timestamp }, index): Visit[] => {
    // Offset order is kept: a click behind a later one is taken after it, so it sees what that saw.
    const streamTimeMs = Math.max(...clicks.slice(0, index + 1).map((click) => click.timestamp));
    const rows = people.filter((row) => row.key === key && row.timestamp <= streamTimeMs);
    const city = rows.at(-1)?.value ?? null;
    if (key === null || value === null || city === null) return [];
    const text = `${key} ${JSON.parse(value)} ${city}`;
    return [{ person: key, text, timestamp, streamTimeMs }];
  });
}

function isJson({ value }: TextRecord): boolean {
  return value?.startsWith('"') ?? false;
}

function isLate({ timestamp, streamTimeMs }: Visit): boolean {
  return startOf(timestamp) + windowMs + graceMs <= streamTimeMs;
}

/** One line per person and window that closed, in order of (end, person). */
function closedOf(
  visits: readonly Visit[],
  input: ClusterInput,
  partition: number,
  partitions: number,
) {
  const clicks = recordsOf(input.chunks.flat(), partition, partitions).filter(isJson);
  const endTimeMs = Math.max(-1, ...clicks.map(({ timestamp }) => timestamp));
  const counted = visits.filter((visit) => !isLate(visit));
  const names = new Set(counted.map(({ person, timestamp }) => `${person}@${startOf(timestamp)}`));
  const windows = [...names].map((name) => {
    const own = counted.filter(
      ({ person, timestamp }) => `${person}@${startOf(timestamp)}` === name,
    );
    const startMs = startOf(own[0]?.timestamp ?? 0);
    const timestamp = Math.max(...own.map((visit) => visit.timestamp));
    return { startMs, name, timestamp, text: `${name} ${own.length}` };
  });
  return windows
    .filter(({ startMs }) => startMs + windowMs + graceMs <= endTimeMs)
    .sort((a, b) => a.startMs - b.startMs || (a.name < b.name ? -1 : 1));
}

function startOf(timestamp: number): number {
  return Math.floor(timestamp / windowMs) * windowMs;
}

function lines(byPartition: readonly (readonly { text: string; timestamp: number }[])[]) {
  return byPartition.flatMap((own, partition) =>
    own.map(({ text, timestamp }) => `${partition}: ${text} @${timestamp}`),
  );
}

/** For each name 1, 2, 3, ... as often as it is there. */
function countUp(names: readonly string[]): string[] {
  const keys = [...new Set(names)].sort();
  return keys.flatMap((key) => {
    const count = names.filter((name) => name === key).length;
    return Array.from({ length: count }, (_, index) => `${key} ${index + 1}`);
  });
}
