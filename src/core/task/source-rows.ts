import type { InputTopic, SourceNode } from '../topology/plan.ts';
import { policyFor, unreadable } from './error-handling.ts';
import { unknownTimeMs } from './event-clock.ts';
import type { ProgressRow } from './progress-row.ts';
import type { Changelog, SourceRows } from './restoration.ts';
import { sourceReader } from './source-reader.ts';
import type { LocalState } from './state-port.ts';
import type { TaskOptions } from './task-port.ts';

/** By store, for those that have an input of the task as their changelog. */
export function sourceRowsOf(
  changelogs: readonly Changelog[],
  state: LocalState,
  options: TaskOptions,
): ReadonlyMap<string, SourceRows> {
  return new Map(
    changelogs.flatMap(({ store, topic, input }) => {
      const source = options.subTopology.inputs.find((own) => own.topic === topic)?.node;
      if (input === undefined || source?.type !== 'source') return [];
      return [[store, sourceRows(store, { topic, source }, state, options)] as const];
    }),
  );
}

interface ReadSource {
  readonly topic: string;
  readonly source: SourceNode;
}

/** What the source refuses was counted and told when it was taken; here it is only left out. */
function sourceRows(
  store: string,
  { topic, source }: ReadSource,
  state: LocalState,
  options: TaskOptions,
): SourceRows {
  const input: InputTopic = { topic, node: source };
  const reader = sourceReader(options.inspection?.input(input) ?? input, options, {
    refuse(error) {
      const failure = unreadable(error, source, options.topology);
      if (policyFor(failure, options) === 'fail') throw error;
    },
    drop: () => undefined,
  });
  return {
    read(batch, index, progress) {
      const record = reader.read(batch, index, unknownTimeMs);
      if (record === null || record.key === null) return null;
      const { key, value, timestamp } = record;
      if (wasFuture(source, timestamp, progress)) return null;
      return state.changeOf(store, key, value === null ? null : { value, timestamp });
    },
  };
}

/**
 * The clock has gone on since: a record that was dropped as too far ahead may not be any more. But
 * it is still ahead of all that was taken. Times that a callback gives may have changed.
 */
function wasFuture(
  { topic, timestamps }: SourceNode,
  timestamp: number,
  progress: ProgressRow | null,
): boolean {
  if (timestamps.kind !== 'record-time' || progress === null) return false;
  const { partitions } = progress.clock;
  return Object.hasOwn(partitions, topic) && timestamp > (partitions[topic] ?? timestamp);
}
