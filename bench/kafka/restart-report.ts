/** How long one way of going on took, and what it read. */
export interface RestartResult {
  readonly scenario: string;
  /** From the start of the process, or the kill, to a commit of new input. Null: others went on. */
  readonly firstCommitSeconds: number | null;
  /** To a commit of all tasks. */
  readonly allTasksSeconds: number;
  readonly restoredRecords: number;
  /** Offsets of the changelog, from start to end. */
  readonly changelogRecords: number;
}

export const tableHead = [
  'scenario                                     first commit  all tasks   restored  of changelog  keys/s',
  '-------------------------------------------  ------------  ---------  ---------  ------------  -------',
].join('\n');

export function tableRow(result: RestartResult): string {
  const { scenario, firstCommitSeconds, allTasksSeconds, restoredRecords } = result;
  return [
    scenario.padEnd(43),
    (firstCommitSeconds === null ? '-' : `${firstCommitSeconds.toFixed(2)} s`).padStart(12),
    `${allTasksSeconds.toFixed(2)} s`.padStart(9),
    String(restoredRecords).padStart(9),
    String(result.changelogRecords).padStart(12),
    String(keysPerSecond(result)).padStart(7),
  ].join('  ');
}

export function jsonLine(result: RestartResult): string {
  const rounded = (value: number | null) => value && Number(value.toFixed(3));
  return JSON.stringify({
    ...result,
    firstCommitSeconds: rounded(result.firstCommitSeconds),
    allTasksSeconds: rounded(result.allTasksSeconds),
    keysPerSecond: keysPerSecond(result),
  });
}

/** The start of the process and two commits are in it. */
function keysPerSecond({ restoredRecords, allTasksSeconds }: RestartResult): number {
  return Math.round(restoredRecords / allTasksSeconds);
}
