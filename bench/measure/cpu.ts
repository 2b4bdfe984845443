/** CPU of the whole process, threads of the garbage collector and of LevelDB included. */
export interface Snapshot {
  readonly cpuMicros: number;
  readonly timeMs: number;
}

export function snapshot(): Snapshot {
  const { user, system } = process.cpuUsage();
  return { cpuMicros: user + system, timeMs: performance.now() };
}

export interface Cost {
  readonly cpuMicrosPerRecord: number;
  readonly recordsPerSecond: number;
}

/** What `records` cost since the snapshot. */
export function costSince(from: Snapshot, records: number): Cost {
  const now = snapshot();
  return {
    cpuMicrosPerRecord: (now.cpuMicros - from.cpuMicros) / records,
    recordsPerSecond: (records * 1_000) / (now.timeMs - from.timeMs),
  };
}

/** Begins with an empty young generation, where `--expose-gc` is given. */
export function collectGarbage(): void {
  globalThis.gc?.();
}
