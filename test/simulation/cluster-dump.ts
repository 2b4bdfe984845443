import type { Log } from '../../src/index.ts';
import { type LogRecord, readAll } from '../support/log-records.ts';
import { changelogs, countTopics, orderedTopics } from './cluster-topology.ts';

/** What a run left in the log, as text, by topic. */
export interface ClusterDump {
  /** By topic: every committed record, by partition and in order. */
  readonly outputs: Readonly<Record<string, readonly string[]>>;
  /** By changelog: the last row of each key. */
  readonly rows: Readonly<Record<string, readonly string[]>>;
}

export async function dumpCluster(log: Log): Promise<ClusterDump> {
  const outputs: Record<string, readonly string[]> = {};
  for (const topic of orderedTopics) {
    outputs[topic] = (await readAll(log, topic)).map(recordLine);
  }
  // Keys interleave within a partition; the values of each are 1, 2, 3, ... in this order.
  for (const topic of countTopics) {
    const lines = (await readAll(log, topic)).map(({ value }) => value?.toString() ?? 'null');
    outputs[topic] = groupedByKey(lines);
  }
  const rows: Record<string, readonly string[]> = {};
  for (const topic of changelogs) rows[topic] = lastRows(await readAll(log, topic));
  return { outputs, rows };
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
