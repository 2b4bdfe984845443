import type { StoreDefinition } from '../../core/task/state-port.ts';
import type { TableNode } from '../../core/topology/plan.ts';
import type { KeyValueStore } from '../../state/store.ts';
import type { EmitPolicy, Every } from './emit.ts';
import { deletionTimes } from './deletion-times.ts';
import { changeRecord, type EmissionPlan, forwardingUpdate } from './emission.ts';
import { pendingDefinition, pendingEmission } from './pending.ts';
import type { RowsOptions } from './stores.ts';

export interface AggregationRows<K, V> extends RowsOptions<K, V> {
  readonly rows: StoreDefinition<KeyValueStore<K, V>>;
}

/** How an aggregation without windows tells its changes. */
export function aggregationEmission<K, V>(
  policy: EmitPolicy,
  spec: AggregationRows<K, V>,
): EmissionPlan<K, V> {
  if (policy.kind === 'every') return emitEvery(policy, spec);
  return policy.kind === 'on-commit' ? emitOnCommit(spec) : emitOnUpdate(spec);
}

function emitOnUpdate<K, V>({ rows }: AggregationRows<K, V>): EmissionPlan<K, V> {
  return {
    stores: [],
    hasTimers: false,
    table: tableOf((context) => {
      const store = context.store(rows);
      return (key) => store.get(key as K) ?? null; // a key of this table
    }),
    create: (context) => ({ update: forwardingUpdate(context) }),
  };
}

function emitOnCommit<K, V>({ rows, key: serde }: AggregationRows<K, V>): EmissionPlan<K, V> {
  return {
    stores: [],
    hasTimers: false,
    table: tableOf((context) => {
      const store = context.store(rows);
      return (key) => store.told(key as K) ?? null; // a key of this table
    }),
    create(context) {
      const store = context.store(rows);
      const deletions = deletionTimes(serde);
      return {
        update: null,
        deleted: deletions.note,
        onCommit() {
          store.changes((key, oldRow, newRow) => {
            const last = newRow ?? oldRow;
            if (last === null) return;
            const timestamp = newRow?.timestamp ?? deletions.timeOf(key) ?? last.timestamp;
            context.forward(changeRecord(key, oldRow, newRow, timestamp));
          });
          deletions.clear();
        },
      };
    },
  };
}

function emitEvery<K, V>(
  policy: Every,
  { name, key, value, rows }: AggregationRows<K, V>,
): EmissionPlan<K, V> {
  const pending = pendingDefinition(name, key, value);
  return {
    stores: [pending],
    hasTimers: policy.by === 'stream-time',
    table: tableOf((context) => {
      const store = context.store(rows);
      const waiting = context.store(pending);
      return (key) => {
        const own = key as K; // a key of this table
        const first = waiting.get(own);
        return first === undefined ? (store.get(own) ?? null) : first.value.emitted;
      };
    }),
    create(context) {
      const store = context.store(rows);
      return pendingEmission(context, { policy, pending, current: (key) => store.get(key) });
    },
  };
}

function tableOf(open: TableNode['open']): TableNode {
  return { notVisible: null, open };
}
