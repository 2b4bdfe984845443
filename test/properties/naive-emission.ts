import {
  byKeyAndStart,
  changedBy,
  type NaiveAggregation,
  type NaiveRow,
  type SentRecord,
  streamTimeAfter,
} from './naive-aggregation.ts';

/** When the rows of an aggregation leave, each policy as its definition says it. */
export type NaivePolicy = 'on-update' | 'on-close' | 'on-commit' | { readonly everyMs: number };

/** All rows that leave, in order. `commits` cuts the input where commits were made. */
export function rowsEmitted(
  policy: NaivePolicy,
  commits: readonly (readonly SentRecord[])[],
  aggregation: NaiveAggregation,
): readonly NaiveRow[] {
  return changesEmitted(policy, commits, {
    changedBy: (sent, index) => changedBy(sent, index, aggregation),
    closeDelayMs: aggregation.graceMs,
  });
}

/** An aggregation by what each record changes, and how long after its end a window closes. */
export interface NaiveChanges {
  readonly changedBy: (sent: readonly SentRecord[], index: number) => readonly NaiveRow[];
  readonly closeDelayMs: number;
}

/** The same, given the changes. */
export function changesEmitted(
  policy: NaivePolicy,
  commits: readonly (readonly SentRecord[])[],
  changes: NaiveChanges,
): readonly NaiveRow[] {
  const sent = commits.flat();
  if (policy === 'on-update') return sent.flatMap((_, index) => changes.changedBy(sent, index));
  if (policy === 'on-close') return emittedOnClose(sent, changes);
  if (policy === 'on-commit') return emittedOnCommit(commits, changes);
  return emittedEvery(policy.everyMs, sent, changes);
}

function emittedOnClose(
  sent: readonly SentRecord[],
  { changedBy, closeDelayMs }: NaiveChanges,
): readonly NaiveRow[] {
  const changes = sent.map((_, index) => changedBy(sent, index));
  return sent.flatMap((_, index) => {
    const from = streamTimeAfter(sent, index);
    const to = streamTimeAfter(sent, index + 1);
    const closed = newestOf(changes.slice(0, index).flat()).filter((row) => {
      const closeTime = (row.window?.endMs ?? Infinity) + closeDelayMs;
      return from < closeTime && closeTime <= to && row.value !== null;
    });
    return closed.sort((a, b) => endOf(a) - endOf(b) || byKeyAndStart(a, b));
  });
}

function emittedOnCommit(
  commits: readonly (readonly SentRecord[])[],
  { changedBy }: NaiveChanges,
): readonly NaiveRow[] {
  const sent = commits.flat();
  const emitted: NaiveRow[] = [];
  let index = 0;
  for (const records of commits) {
    const changes = records.flatMap(() => changedBy(sent, index++));
    emitted.push(...newestOf(changes).filter((row) => isNews(row, emitted)));
  }
  return emitted;
}

function emittedEvery(
  everyMs: number,
  sent: readonly SentRecord[],
  { changedBy }: NaiveChanges,
): readonly NaiveRow[] {
  const emitted: NaiveRow[] = [];
  const pending = new Map<string, { readonly row: NaiveRow; readonly dueMs: number }>();
  sent.forEach((_, index) => {
    const streamTime = streamTimeAfter(sent, index + 1);
    const due = [...pending.values()].filter(({ dueMs }) => dueMs <= streamTime);
    due.sort((a, b) => a.dueMs - b.dueMs || byKeyAndStart(a.row, b.row));
    for (const { row } of due) {
      pending.delete(identityOf(row));
      if (isNews(row, emitted)) emitted.push(row);
    }
    for (const row of changedBy(sent, index)) {
      const identity = identityOf(row);
      const dueMs = (Math.floor(streamTime / everyMs) + 1) * everyMs;
      pending.set(identity, { row, dueMs: pending.get(identity)?.dueMs ?? dueMs });
    }
  });
  return emitted;
}

/** The last change of each row, in the order of the first ones. */
function newestOf(changes: readonly NaiveRow[]): NaiveRow[] {
  return [...new Map(changes.map((row) => [identityOf(row), row])).values()];
}

/** Whether there is a row now, or one was told of before: nothing to nothing is not forwarded. */
function isNews(row: NaiveRow, emitted: readonly NaiveRow[]): boolean {
  const last = emitted.findLast((other) => identityOf(other) === identityOf(row));
  return row.value !== null || (last !== undefined && last.value !== null);
}

function identityOf({ key, window }: NaiveRow): string {
  return `${key} ${window?.startMs ?? ''} ${window?.endMs ?? ''}`;
}

function endOf({ window }: NaiveRow): number {
  return window?.endMs ?? 0;
}
