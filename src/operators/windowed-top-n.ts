import type { TimeWindows } from '../core/model/windows.ts';
import { ranking, type Score } from '../core/serde/ranking.ts';
import type { Serde } from '../core/serde/serde.ts';
import type { WindowedAggregationOptions } from './internal/aggregation-options.ts';
import type { Handle } from './internal/handle.ts';
import { resolveSerde } from './internal/resolve-serde.ts';
import { checkListed } from './internal/scores.ts';
import { type ScoreOption, topNStep } from './internal/top-n-step.ts';
import { windowedAggregationNode } from './internal/windowed-aggregation-node.ts';

export interface WindowedTopNOptions<K, V, S extends Score>
  extends WindowedAggregationOptions<K, V>, ScoreOption<K, V, S> {}

export interface WindowedTopNSpec<K, V, S extends Score> extends WindowedTopNOptions<K, V, S> {
  readonly n: number;
}

export function windowedTopN<K, V, S extends Score>(
  grouped: Handle,
  windows: TimeWindows,
  { n, ...options }: WindowedTopNSpec<K, V, S>,
): Handle {
  grouped.draft.renamed(options);
  checkListed(options.name, n);
  const value = resolveSerde('value', undefined, grouped, options.name) as Serde<V>; // the input's
  return windowedAggregationNode(grouped, {
    ...options,
    kind: 'top-n',
    windows,
    value: ranking<V, S>(value),
    detail: { n },
    step: (node) => topNStep<K, V, S>(node, n, options),
  });
}
