import type { Change, StreamRecord } from '../../core/model/record.ts';
import type { Serde } from '../../core/serde/serde.ts';
import type { AnyStoreDefinition } from '../../core/task/state-port.ts';
import { keyValueStore } from '../../state/store-definitions.ts';
import { aggregationEmission } from './aggregation-emission.ts';
import type { AggregationOptions } from './aggregation-options.ts';
import type { Handle } from './handle.ts';
import { rowsOf, storesFor } from './expiring-rows.ts';
import { operatorNode } from './node.ts';
import { byItsKey } from './repartition-node.ts';
import { resolveSerde } from './resolve-serde.ts';
import { type StepFactory, unchanged } from './steps.ts';

export interface AggregationSpec<K, V, A> extends AggregationOptions {
  readonly kind: string;
  /** Left out: the input's. */
  readonly value?: Serde<A>;
  /** Stores the step keeps beside the rows. */
  readonly stores?: readonly AnyStoreDefinition[];
  /** What `describe()` shows besides the emission. */
  readonly detail?: Readonly<Record<string, unknown>>;
  readonly step: StepFactory<K, V, A>;
  /** Whether a record counts as one without a value. */
  readonly isNull?: (record: StreamRecord<K, V>) => boolean;
}

/** One row per key, changed by each record of the key. */
export function aggregationNode<K, V, A>(grouped: Handle, spec: AggregationSpec<K, V, A>): Handle {
  const { kind, name, emit = { kind: 'on-update' }, timeToLive, onError, isNull } = spec;
  grouped.draft.renamed(spec);
  const from = byItsKey(grouped, { name: `${name}-input` });
  const key = resolveSerde('key', undefined, from, name) as Serde<K>; // the input's own keys
  const value = resolveSerde('value', spec.value, from, name) as Serde<A>; // or the input's
  const rows = keyValueStore({ name, key, value, timeToLive });
  const emission = aggregationEmission(emit, { name, key, value, rows });
  const node = operatorNode<K, V, K, Change<A>>({
    kind,
    name,
    parents: [from.node],
    stores: [...storesFor(rows), ...(spec.stores ?? []), ...emission.stores],
    hasTimers: emission.hasTimers || timeToLive !== undefined,
    table: emission.table,
    detail: { ...rows.schema.detail, emit, ...spec.detail },
    onError,
    createProcessor(context) {
      const step = spec.step(name, context);
      const { update, deleted, onTimer, ...hooks } = emission.create(context);
      const expiry = rowsOf(context, rows, (key, row, timestamp) => {
        if (update !== null) update(key, row, null, timestamp);
        else deleted?.(key, timestamp);
      });
      const { store, isOver } = expiry;
      return {
        ...hooks,
        onTimer(timer) {
          if (!expiry.onTimer(timer)) onTimer?.(timer);
        },
        process(record) {
          if (record.key === null) return context.drop(record, 'null-key');
          if (record.value === null || isNull?.(record)) return context.drop(record, 'null-value');
          const row = store.get(record.key);
          const next = step(row, record, 0, 0);
          if (next === unchanged || (next === null && row === undefined)) return;
          // A row's time is the greatest of its records, whatever order they came in.
          const timestamp =
            row === undefined ? record.timestamp : Math.max(row.timestamp, record.timestamp);
          if (next !== null && isOver(timestamp)) return context.drop(record, 'expired');
          const newRow = next === null ? null : { value: next, timestamp };
          store.put(record.key, newRow);
          if (update !== null) update(record.key, row, newRow, timestamp);
          else if (newRow === null) deleted?.(record.key, timestamp);
        },
      };
    },
  });
  return { draft: from.draft, node: from.draft.add(node), key, value, isKeyChanged: false };
}
