import { ranking, type Score } from '../core/serde/ranking.ts';
import type { Serde } from '../core/serde/serde.ts';
import { aggregationNode } from './internal/aggregation-node.ts';
import type { AggregationOptions } from './internal/aggregation-options.ts';
import type { Handle } from './internal/handle.ts';
import { resolveSerde } from './internal/resolve-serde.ts';
import { checkListed } from './internal/scores.ts';
import { type ScoreOption, topNStep } from './internal/top-n-step.ts';

export interface TopNOptions<K, V, S extends Score>
  extends AggregationOptions, ScoreOption<K, V, S> {}

export function topN<K, V, S extends Score>(
  grouped: Handle,
  n: number,
  options: TopNOptions<K, V, S>,
): Handle {
  const { name } = options;
  checkListed(name, n);
  const value = resolveSerde('value', undefined, grouped, name) as Serde<V>; // the input's
  return aggregationNode(grouped, {
    ...options,
    kind: 'top-n',
    value: ranking<V, S>(value),
    detail: { n },
    step: (node) => topNStep<K, V, S>(node, n, options),
  });
}
