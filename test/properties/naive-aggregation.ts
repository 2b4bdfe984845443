/** Recomputations of aggregations from the whole input: slow, and without a store. */

export interface SentRecord {
  readonly key: string | null;
  readonly value: string | null;
  readonly timestamp: number;
}

export interface Window {
  readonly startMs: number;
  readonly endMs: number;
}

export interface NaiveRow {
  readonly key: string;
  /** Null without windows. */
  readonly window: Window | null;
  /** Null: the aggregator has deleted the row. */
  readonly value: unknown;
  readonly timestamp: number;
}

/** An aggregation as its definition says it. */
export interface NaiveAggregation {
  /** The value of the row after one more record; `before` is null for a new row. */
  readonly fold: (before: unknown, value: string) => unknown;
  /** The windows around a time, ascending by start; null without windows. */
  readonly windowsAt: ((timestamp: number) => readonly Window[]) | null;
  readonly graceMs: number;
}

export interface Verdict {
  readonly reason: 'null-key' | 'null-value' | 'late' | null;
  /** What takes the record. */
  readonly windows: readonly (Window | null)[];
}

/** Greatest timestamp of the first `count` records; -1 for none. */
export function streamTimeAfter(sent: readonly SentRecord[], count: number): number {
  return Math.max(-1, ...sent.slice(0, count).map(({ timestamp }) => timestamp));
}

/** What becomes of the record at `index`. */
export function verdictOn(
  sent: readonly SentRecord[],
  index: number,
  { windowsAt, graceMs }: NaiveAggregation,
): Verdict {
  const record = sent[index];
  if (record === undefined) throw new RangeError(`No record ${index}.`);
  if (record.key === null) return { reason: 'null-key', windows: [] };
  if (record.value === null) return { reason: 'null-value', windows: [] };
  if (windowsAt === null) return { reason: null, windows: [null] };
  const streamTime = streamTimeAfter(sent, index + 1);
  const open = windowsAt(record.timestamp).filter(({ endMs }) => streamTime < endMs + graceMs);
  return { reason: open.length === 0 ? 'late' : null, windows: open };
}

/** The row of a key and window after the first `count` records; null if none was ever made. */
export function rowAfter(
  sent: readonly SentRecord[],
  count: number,
  of: Pick<NaiveRow, 'key' | 'window'>,
  aggregation: NaiveAggregation,
): NaiveRow | null {
  let row = null as NaiveRow | null; // widened: the loop assigns it
  for (let index = 0; index < count; index += 1) {
    const record = sent[index];
    if (record?.key !== of.key || record.value === null) continue;
    const { windows } = verdictOn(sent, index, aggregation);
    if (!windows.some((window) => window?.startMs === of.window?.startMs)) continue;
    const old: NaiveRow | null = row?.value === null ? null : row;
    const timestamp = Math.max(old?.timestamp ?? record.timestamp, record.timestamp);
    const value = aggregation.fold(old?.value ?? null, record.value);
    // Without a row a deletion leaves nothing behind.
    row = old === null && value === null ? null : { ...of, value, timestamp };
  }
  return row;
}

/** Rows in the order in which those due at one time leave: by key, then window start. */
export function byKeyAndStart(a: NaiveRow, b: NaiveRow): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  return (a.window?.startMs ?? 0) - (b.window?.startMs ?? 0);
}

/** The rows changed by the record at `index`, in ascending window order. */
export function changedBy(
  sent: readonly SentRecord[],
  index: number,
  aggregation: NaiveAggregation,
): readonly NaiveRow[] {
  const key = sent[index]?.key ?? '';
  return verdictOn(sent, index, aggregation).windows.flatMap((window) => {
    const before = rowAfter(sent, index, { key, window }, aggregation);
    const after = rowAfter(sent, index + 1, { key, window }, aggregation);
    const isNothing = (before === null || before.value === null) && (after?.value ?? null) === null;
    return after === null || isNothing ? [] : [after];
  });
}
