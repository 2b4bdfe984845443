import type { Ranked, Score } from '../../core/serde/ranking.ts';
import { checkedScore } from './scores.ts';
import { type Step, unchanged } from './steps.ts';

/** How `topN` is told the score of a value. */
export interface ScoreOption<K, V, S extends Score> {
  /** The score: a finite number or a bigint. */
  readonly by: (value: V, key: K) => S;
}

/** Puts a value into the list behind those with its score, which came earlier. */
export function topNStep<K, V, S extends Score>(
  node: string,
  n: number,
  { by }: ScoreOption<K, V, S>,
): Step<K, V, readonly Ranked<V, S>[]> {
  return (row, { key, value }) => {
    const score = checkedScore(node, by(value, key));
    const list = row === undefined ? [] : row.value;
    const at = list.findLastIndex((other) => other.score >= score) + 1;
    return at >= n ? unchanged : list.toSpliced(at, 0, { value, score }).slice(0, n);
  };
}
