import type { Log } from '../../src/index.ts';
import { type LogRecord, readAll } from '../support/log-records.ts';
import { changelogs, countTopics, orderedTopics } from './cluster-topology.ts';

/**
 * What a run left in the log, as text, by topic: of outputs every committed record, by partition
 * and in order; of changelogs the last row of each key.
 */
export type ClusterDump = Readonly<Record<string, readonly string[]>>;

export async function dumpCluster(log: Log): Promise<ClusterDump> {
  const dump: Record<string, readonly string[]> = {};
  for (const topic of orderedTopics) {
    dump[topic] = (await readAll(log, topic)).map(recordLine);
  }
  // Keys interleave within a partition; the values of each are 1, 2, 3, ... in this order.
  for (const topic of countTopics) {
    const lines = (await readAll(log, topic)).map(({ value }) => value?.toString() ?? 'null');
    dump[topic] = groupedByKey(lines);
  }
  for (const topic of changelogs) dump[topic] = lastRows(await readAll(log, topic));
  return dump;
}

function recordLine({ partition, value, timestamp }: LogRecord): string {
  return `${partition}: ${value?.toString() ?? 'null'} @${timestamp}`;
}

/** Stable, so that the order within a key stays. */
function groupedByKey(lines: readonly string[]): string[] {
  const keyOf = (line: string) => line.slice(0, line.lastIndexOf(' '));
  return lines.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : Number(keyOf(a) > keyOf(b))));
}

function lastRows(records: readonly LogRecord[]): string[] {
  const last = new Map<string, string>();
  for (const { partition, key, value } of records) {
    const name = `${partition}: ${key?.toString('hex') ?? 'null'}`;
    if (value === null) last.delete(name);
    else last.set(name, value.toString('hex'));
  }
  return [...last].map(([name, value]) => `${name} = ${value}`).sort();
}

/** The first line that differs, by topic, and how many there are. */
export function differences(expected: ClusterDump, actual: ClusterDump): string[] {
  return Object.entries(expected).flatMap(([topic, wanted]) => {
    const got = actual[topic] ?? [];
    const length = Math.max(wanted.length, got.length);
    for (let index = 0; index < length; index += 1) {
      if (wanted[index] === got[index]) continue;
      const counts = `${got.length} lines for ${wanted.length}`;
      return [
        `${topic} #${index}: ${got[index] ?? 'none'}, not ${wanted[index] ?? 'none'} (${counts})`,
      ];
    }
    return [];
  });
}
