import type { Step } from '../conformance/case-file.ts';
import { prefixOf } from './naive-node.ts';

/** How an aggregation of the case format makes its rows. Null is no row. */
export interface Fold {
  /** Of the group that the record came from. */
  add(aggregate: unknown, value: string, input: number): unknown;
  /** Of tables only. */
  subtract?(aggregate: unknown, value: string): unknown;
  merge(earlier: unknown, later: unknown): unknown;
  show(aggregate: unknown): string;
  /** Whether a value takes part at all. */
  takes(value: string): boolean;
}

const always = () => true;

export function foldOf(step: Step): Fold {
  const fold = folds[step.op === 'aggregate' ? `aggregate ${String(step['fn'] ?? '')}` : step.op];
  if (fold === undefined) throw new Error(`The interpreter knows no '${step.op}'.`);
  return fold(step);
}

const folds: Readonly<Record<string, (step: Step) => Fold>> = {
  count: () => ({
    add: (count) => Number(count ?? 0) + 1,
    subtract: (count) => Number(count) - 1,
    merge: (a, b) => Number(a) + Number(b),
    show: String,
    takes: always,
  }),
  reduce: ({ fn }) => {
    const max = (a: unknown, v: unknown) => String(Math.max(Number(a), Number(v)));
    const joined = (a: unknown, v: unknown) => `${String(a)},${String(v)}`;
    const combine = fn === 'max' ? max : joined;
    return {
      add: (a, v) => (a === null ? v : combine(a, v)),
      merge: combine,
      show: String,
      takes: always,
    };
  },
  'aggregate ': () => ({
    add: (a, v) => `${String(a ?? '')}<${v}`,
    merge: (a, b) => `${String(a)}&${String(b)}`,
    show: String,
    takes: always,
  }),
  'aggregate list-reset': () => ({
    add: (a, v) => (v === 'reset' ? null : [...listOf(a), v]),
    merge: (a, b) => [...listOf(a), ...listOf(b)],
    show: (a) => `[${listOf(a).join(',')}]`,
    takes: always,
  }),
  cogroup: ({ adds, marks }) => ({
    add(a, v, input) {
      if (adds !== undefined) return Number(a ?? 0) + ((adds as number[])[input] ?? 0); // as the format says
      return `${String(a ?? '')}${(marks as string[])[input] ?? ''}${v}`; // likewise
    },
    merge: (a, b) => (adds === undefined ? `${String(a)}&${String(b)}` : Number(a) + Number(b)),
    show: String,
    takes: always,
  }),
  countDistinct: ({ by }) => ({
    add: (a, v) => withId(a, by === 'prefix' ? prefixOf(v) : v),
    merge: (a, b) => [...new Set([...listOf(a), ...listOf(b)])],
    show: (a) => String(listOf(a).length),
    takes: (v) => by !== 'prefix' || prefixOf(v) !== null,
  }),
  topN: ({ n }) => ({
    add(a, v) {
      const sorted = [...listOf(a), v].sort((x, y) => scoreOf(y) - scoreOf(x)).slice(0, Number(n));
      return sorted.join('\n') === listOf(a).join('\n') ? a : sorted;
    },
    merge: (a, b) =>
      [...listOf(a), ...listOf(b)].sort((x, y) => scoreOf(y) - scoreOf(x)).slice(0, Number(n)),
    show: (a) => `[${listOf(a).join(',')}]`,
    takes: always,
  }),
};

/** The same list where nothing is new: then the row stays as it was. */
function withId(ids: unknown, id: string | null): unknown {
  const known = listOf(ids);
  return id === null || known.includes(id) ? ids : [...known, id];
}

export function listOf(aggregate: unknown): readonly string[] {
  return (aggregate ?? []) as readonly string[]; // the folds that keep lists keep text
}

/** The number after the last colon. */
export function scoreOf(value: string): number {
  return Number(value.slice(value.lastIndexOf(':') + 1));
}
