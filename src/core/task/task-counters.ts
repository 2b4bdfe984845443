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
  /** By `<node>\0<code>`. */
  readonly deadLetters: Map<string, number>;
}

/** A copy as it stands. */
export function copyOf({ dropped, counted, deadLetters, ...numbers }: TaskCounters): TaskCounters {
  return {
    ...numbers,
    dropped: new Map(dropped),
    counted: new Map(counted),
    deadLetters: new Map(deadLetters),
  };
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
    deadLetters: new Map(),
  };
}

export function count(counts: Map<string, number>, node: string, counter: string): void {
  const name = `${node}\0${counter}`;
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
