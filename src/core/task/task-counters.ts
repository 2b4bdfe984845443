import type { DropReason } from '../model/drop-reason.ts';

/** What a task counts, read when asked for. */
export interface TaskCounters {
  recordsIn: number;
  recordsOut: number;
  commits: number;
  /** Records taken without waiting any longer for an input that might have had older ones. */
  forced: number;
  /** Inputs whose offset in the group was not the progress row's when the task started. */
  progressDifferences: number;
  /** By `<node>\0<reason>`. */
  readonly dropped: Map<string, number>;
  /** By `<node>\0<counter>`. */
  readonly counted: Map<string, number>;
}

/** A copy as it stands. */
export function copyOf({ dropped, counted, ...numbers }: TaskCounters): TaskCounters {
  return { ...numbers, dropped: new Map(dropped), counted: new Map(counted) };
}

export function emptyCounters(): TaskCounters {
  return {
    recordsIn: 0,
    recordsOut: 0,
    commits: 0,
    forced: 0,
    progressDifferences: 0,
    dropped: new Map(),
    counted: new Map(),
  };
}

export function count({ counted }: TaskCounters, node: string, counter: string): void {
  increment(counted, `${node}\0${counter}`);
}

export function countDrop({ dropped }: TaskCounters, node: string, reason: DropReason): void {
  increment(dropped, `${node}\0${reason}`);
}

function increment(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
