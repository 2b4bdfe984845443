import type { OutputRecord } from '../support/operator-driver.ts';
import type { Turn } from '../support/run-modes.ts';
import type { ConformanceCase } from './case-file.ts';

/** The first difference between the answer and what came out, in a few words; null if none. */
export function findMismatch(
  { expected, drops, compare }: ConformanceCase,
  topics: readonly string[],
  turns: readonly Turn[],
): string | null {
  const isSet = compare === 'per-input-set';
  for (const topic of topics) {
    const wanted = expected.filter((record) => record.topic === topic);
    const shown = wanted.map((record) => ({ by: record.by, text: showExpected(record) }));
    const actual = turns.flatMap(({ by, outputs }) =>
      (outputs.get(topic) ?? []).map((record) => ({ by, text: showOutput(record) })),
    );
    const mismatch = firstDifference(shown, actual, isSet);
    if (mismatch !== null) return `'${topic}' ${mismatch}`;
  }
  if (drops === undefined) return null;
  const wanted = drops.map(({ by, reason }) => ({ by, text: reason }));
  const actual = turns.flatMap(({ by, drops: reasons }) => reasons.map((text) => ({ by, text })));
  const mismatch = firstDifference(wanted, actual, false);
  return mismatch === null ? null : `drops ${mismatch}`;
}

interface Shown<By> {
  readonly by: By;
  readonly text: string;
}

/** Compares turn by turn; where the mode cannot tell them apart, by the answer's lengths. */
function firstDifference(
  expected: readonly Shown<number>[],
  actual: readonly Shown<number | null>[],
  isSet: boolean,
): string | null {
  let taken = 0;
  for (const [by, wanted] of byTurn(expected)) {
    const got = actual.slice(taken, taken + wanted.length);
    taken += wanted.length;
    const gotTexts = got.map(({ text }) => text);
    if (!isSame(wanted, gotTexts, isSet) || got.some((one) => (one.by ?? by) !== by)) {
      const turns = got.map((one) => (one.by === null || one.by === by ? '' : `@by${one.by}`));
      const texts = gotTexts.map((text, index) => text + (turns[index] ?? ''));
      return `by ${by}: expected ${list(wanted)}, got ${list(texts)}`;
    }
  }
  const rest = actual.slice(taken);
  return rest.length === 0 ? null : `too many at the end: ${list(rest.map(({ text }) => text))}`;
}

/** Neighbours of one turn; a turn comes once in an answer, but not always in the order of turns. */
function byTurn(expected: readonly Shown<number>[]): ReadonlyMap<number, string[]> {
  const turns = new Map<number, string[]>();
  for (const { by, text } of expected) {
    const turn = turns.get(by);
    if (turn === undefined) turns.set(by, [text]);
    else turn.push(text);
  }
  return turns;
}

function isSame(a: readonly string[], b: readonly string[], isSet: boolean): boolean {
  const left = isSet ? a.toSorted() : a;
  const right = isSet ? b.toSorted() : b;
  return left.length === right.length && left.every((text, index) => text === right[index]);
}

function list(texts: readonly string[]): string {
  const shown = texts.slice(0, 6).join(' ');
  if (texts.length === 0) return '—';
  return texts.length > 6 ? `${shown} … (${texts.length})` : shown;
}

function showExpected({ key, value, timestamp, window }: ConformanceCase['expected'][number]) {
  const place = window === undefined ? '' : `[${window[0]},${window[1]})`;
  return show(key, place, value, timestamp);
}

function showOutput({ key, value, timestamp }: OutputRecord): string {
  if (!isWindowed(key)) return show(key, '', value, timestamp);
  // A window without an end.
  const endMs = key.endMs === Number.MAX_SAFE_INTEGER ? null : key.endMs;
  return show(key.key, `[${key.startMs},${endMs})`, value, timestamp);
}

function show(key: unknown, place: string, value: unknown, timestamp: number): string {
  return `${text(key)}${place}=${text(value)}@${timestamp}`;
}

/** Null and the text 'null' must not look alike: both occur in the cases. */
function text(value: unknown): string {
  return value === null ? '⊥' : JSON.stringify(value);
}

interface WindowedKey {
  readonly key: unknown;
  readonly startMs: number;
  readonly endMs: number;
}

function isWindowed(key: unknown): key is WindowedKey {
  return typeof key === 'object' && key !== null && 'startMs' in key && 'endMs' in key;
}
