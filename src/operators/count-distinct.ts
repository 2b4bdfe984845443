import { int64 } from '../core/serde/integers.ts';
import type { Serde } from '../core/serde/serde.ts';
import type { AnyStoreDefinition } from '../core/task/state-port.ts';
import { keyValueStore } from '../state/store-definitions.ts';
import { aggregationNode } from './internal/aggregation-node.ts';
import type { AggregationOptions } from './internal/aggregation-options.ts';
import {
  type DistinctOptions,
  distinctParts,
  type EntriesMaker,
  type IdSelector,
} from './internal/distinct-ids.ts';
import type { Handle } from './internal/handle.ts';
import { checkPrecision } from './internal/precision.ts';
import { resolveSerde } from './internal/resolve-serde.ts';

export interface CountDistinctOptions<Id>
  extends Omit<AggregationOptions, 'timeToLive'>, DistinctOptions<Id> {}

export function countDistinct<K, V, Id>(
  grouped: Handle,
  by: IdSelector<K, V, Id>,
  options: CountDistinctOptions<Id>,
): Handle {
  const { name, precision } = options;
  const key = resolveSerde('key', undefined, grouped, name) as Serde<K>; // the input's own keys
  checkPrecision(grouped, name, precision);
  const parts = distinctParts({ ...options, key, by }, entries);
  return aggregationNode<K, V, number>(grouped, {
    ...options,
    kind: 'count-distinct',
    value: int64(),
    ...parts,
  });
}

const entries: EntriesMaker<AnyStoreDefinition> = (options) => {
  const definition = keyValueStore(options);
  return {
    definition,
    open(context) {
      const store = context.store(definition);
      return {
        get: (key) => store.get(key),
        put: (key, _startMs, _endMs, row) => store.put(key, row),
      };
    },
  };
};
