import {
  type NaiveRow,
  type SentRecord,
  streamTimeAfter,
  type Window,
} from './naive-aggregation.ts';

/** Windows whose bounds come from the records, replayed from the first record each time. */

export interface NaiveFold {
  readonly fold: (before: unknown, value: string) => unknown;
  /** Sessions only. */
  readonly merge: (left: unknown, right: unknown) => unknown;
}

export interface Turn {
  readonly reason: 'null-key' | 'null-value' | 'late' | null;
  readonly changes: readonly NaiveRow[];
}

interface Accepted {
  readonly key: string;
  readonly value: string;
  readonly timestamp: number;
}

interface NaiveSession {
  readonly first: number;
  readonly last: number;
  readonly value: unknown;
}

function refusal({ key, value }: SentRecord): Turn | null {
  if (key === null) return { reason: 'null-key', changes: [] };
  return value === null ? { reason: 'null-value', changes: [] } : null;
}

const late: Turn = { reason: 'late', changes: [] };

/** What each record does to the sessions of its key. */
export function sessionTurns(
  sent: readonly SentRecord[],
  { gapMs, graceMs }: { readonly gapMs: number; readonly graceMs: number },
  { fold, merge }: NaiveFold,
): readonly Turn[] {
  let sessions: readonly (NaiveSession & { readonly key: string })[] = [];
  return sent.map((record, index): Turn => {
    const refused = refusal(record);
    if (refused !== null) return refused;
    const { key, value, timestamp: t } = record as Accepted; // neither is null
    const streamTime = streamTimeAfter(sent, index + 1);
    const isOpen = (last: number) => streamTime < last + gapMs + 1 + graceMs;
    const met = sessions
      .filter((one) => one.key === key && isOpen(one.last))
      .filter(({ first, last }) => last >= t - gapMs && first <= t + gapMs)
      .sort((a, b) => a.first - b.first);
    if (met.length === 0 && !isOpen(t)) return late;
    const before = met.length === 0 ? null : met.map((one) => one.value).reduce(merge);
    const first = Math.min(t, ...met.map((one) => one.first));
    const last = Math.max(t, ...met.map((one) => one.last));
    const grown = { key, first, last, value: fold(before, value) };
    sessions = [...sessions.filter((one) => !met.includes(one)), grown];
    const gone = met.filter((one) => one.first !== first || one.last !== last);
    const rowOf = (of: NaiveSession, shown: unknown): NaiveRow => {
      const window = { startMs: of.first, endMs: of.last + 1 };
      return { key, window, value: shown, timestamp: of.last };
    };
    return {
      reason: null,
      changes: [...gone.map((one) => rowOf(one, null)), rowOf(grown, grown.value)],
    };
  });
}

/** What each record does to the sliding windows of its key. */
export function slidingTurns(
  sent: readonly SentRecord[],
  { differenceMs, graceMs }: { readonly differenceMs: number; readonly graceMs: number },
  { fold }: NaiveFold,
): readonly Turn[] {
  const accepted: Accepted[] = [];
  return sent.map((record, index): Turn => {
    const refused = refusal(record);
    if (refused !== null) return refused;
    const { key } = record;
    const streamTime = streamTimeAfter(sent, index + 1);
    const before = accepted.filter((one) => one.key === key);
    const after = [...before, record as Accepted]; // neither is null
    const held = (of: readonly Accepted[], { startMs, endMs }: Window) =>
      of.filter(({ timestamp }) => startMs <= timestamp && timestamp < endMs);
    const windows = windowsOf(after, differenceMs).filter(
      ({ endMs }) => streamTime < endMs + graceMs,
    );
    if (windows.every((window) => held(after, window).length === held(before, window).length)) {
      return late;
    }
    accepted.push(record as Accepted); // neither is null
    const known = new Set(windowsOf(before, differenceMs).map(({ startMs }) => startMs));
    const changed = windows.filter(
      (window) =>
        !known.has(window.startMs) || held(after, window).length > held(before, window).length,
    );
    const changes = changed.map((window): NaiveRow => {
      const records = held(after, window);
      const value = records.reduce<unknown>((so, one) => fold(so, one.value), null);
      const timestamp = Math.max(...records.map((one) => one.timestamp));
      return { key: (record as Accepted).key, window, value, timestamp }; // not null
    });
    return { reason: null, changes };
  });
}

/** Every start there could be, and of these the ones the definition names. */
function windowsOf(records: readonly Accepted[], differenceMs: number): readonly Window[] {
  const times = records.map(({ timestamp }) => timestamp);
  const windows: Window[] = [];
  for (let startMs = 0; startMs <= 100; startMs += 1) {
    const endMs = startMs + differenceMs + 1;
    const endsWithOne = times.some((t) => startMs === Math.max(0, t - differenceMs));
    const isFollowed = times.some((t) => startMs <= t && t < endMs);
    if (endsWithOne || (times.includes(startMs - 1) && isFollowed))
      windows.push({ startMs, endMs });
  }
  return windows;
}
