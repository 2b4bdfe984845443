import type { SessionWindows } from '../core/model/session-windows.ts';
import { type Ranked, ranking, type Score } from '../core/serde/ranking.ts';
import type { Serde } from '../core/serde/serde.ts';
import type { WindowedAggregationOptions } from './internal/aggregation-options.ts';
import type { Handle } from './internal/handle.ts';
import { resolveSerde } from './internal/resolve-serde.ts';
import { checkListed } from './internal/scores.ts';
import { sessionAggregationNode } from './internal/session-aggregation-node.ts';
import { type ScoreOption, topNStep } from './internal/top-n-step.ts';

export interface SessionTopNOptions<K, V, S extends Score>
  extends WindowedAggregationOptions<K, V>, ScoreOption<K, V, S> {}

export interface SessionTopNSpec<K, V, S extends Score> extends SessionTopNOptions<K, V, S> {
  readonly n: number;
}

export function sessionTopN<K, V, S extends Score>(
  grouped: Handle,
  windows: SessionWindows,
  { n, ...options }: SessionTopNSpec<K, V, S>,
): Handle {
  checkListed(options.name, n);
  const value = resolveSerde('value', undefined, grouped, options.name) as Serde<V>; // the input's
  return sessionAggregationNode<K, V, readonly Ranked<V, S>[]>(grouped, {
    ...options,
    kind: 'top-n',
    windows,
    value: ranking<V, S>(value),
    step: (node) => topNStep<K, V, S>(node, n, options),
    // Sorting keeps the order of equal scores: those of the earlier session stand first.
    merge: () => (earlier, later) =>
      [...earlier, ...later].sort((a, b) => compareScores(b.score, a.score)).slice(0, n),
  });
}

function compareScores(a: Score, b: Score): number {
  return a < b ? -1 : Number(a > b);
}
