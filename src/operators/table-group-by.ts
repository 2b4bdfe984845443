import { noHeaders } from '../core/model/headers.ts';
import type { Change, ChangeRecord } from '../core/model/record.ts';
import { identityOf } from '../core/serde/key-identity.ts';
import type { Serde } from '../core/serde/serde.ts';
import type { Processor, ProcessorContext } from '../core/topology/processor.ts';
import { type KeyValue, undefinedValue } from './internal/callbacks.ts';
import type { GroupedTable } from './internal/grouped-table.ts';
import type { Handle } from './internal/handle.ts';
import { type Pair, pairSerde } from './internal/pair-serde.ts';
import { repartitioned } from './internal/repartition-node.ts';
import { resolveSerde } from './internal/resolve-serde.ts';
import type { KeySerdeRequired, ValueSerdeRequired } from './internal/serdes.ts';
import { rekeyingNode } from './internal/stateless.ts';
import type { Renamable } from './internal/renamable.ts';

export interface TableGroupByOptions<KOut, VOut>
  extends KeySerdeRequired<KOut>, ValueSerdeRequired<VOut>, Renamable {
  /** Names the repartition topic, `<application>-<name>-repartition`. */
  readonly name: string;
}

/** The group of a row and what the group gets of it; null for either keeps the row out. */
export type GroupSelector<K, V, KOut, VOut> = (value: V, key: K) => KeyValue<KOut, VOut>;

export function tableGroupBy<K, V, KOut, VOut>(
  table: Handle,
  selector: GroupSelector<K, V, KOut, VOut>,
  options: TableGroupByOptions<KOut, VOut>,
): GroupedTable {
  const { name, key, value } = options;
  table.draft.renamed(options);
  const row = resolveSerde('key', undefined, table, name);
  const halves = rekeyingNode<K, Change<V>, KOut, Pair<K, VOut>>(
    table,
    'table-group-by',
    (context) => pairing(context, selector, key),
  );
  const pair = pairSerde(row, value as Serde<unknown>); // what the selector makes
  return {
    pairs: repartitioned(halves, { name, kind: 'table-group-by', key, value: pair }),
    row,
    value,
  };
}

/**
 * Sends each change to its groups. Both halves in one record where they have one group, so that a
 * group whose row changes does not shrink for a moment; else the old half first.
 */
function pairing<K, V, KOut, VOut>(
  context: ProcessorContext<KOut, Pair<K, VOut>>,
  selector: GroupSelector<K, V, KOut, VOut>,
  groupKey: Serde<NonNullable<KOut>>,
): Processor<K, Change<V>> {
  const select = (value: V | null, record: ChangeRecord<K, V>): Half<KOut, VOut> | null => {
    if (value === null) return null;
    const selected: Returned<KOut, VOut> = selector(value, record.key);
    if (selected?.key === undefined || selected.value === undefined) {
      throw undefinedValue(context.node, 'selector');
    }
    if (selected.key === null) return refuse(record, 'null-key');
    if (selected.value === null) return refuse(record, 'null-value');
    return { key: selected.key, value: selected.value };
  };
  const refuse = (record: ChangeRecord<K, V>, reason: 'null-key' | 'null-value'): null => {
    context.drop(record, reason);
    return null;
  };
  return {
    process(record) {
      const { key: row, value, timestamp } = record;
      const before = select(value.oldValue, record);
      const after = select(value.newValue, record);
      const send = (key: KOut, oldValue: VOut | null, newValue: VOut | null): void => {
        context.forward({ key, value: { row, oldValue, newValue }, timestamp, headers: noHeaders });
      };
      if (before !== null && after !== null && isOneGroup(groupKey, before, after)) {
        return send(after.key, before.value, after.value);
      }
      if (before !== null) send(before.key, before.value, null);
      if (after !== null) send(after.key, null, after.value);
    },
  };
}

/** What a selector written in JavaScript may return all the same. */
type Returned<K, V> = KeyValue<K | undefined, V | undefined> | undefined;

type Half<KOut, VOut> = KeyValue<NonNullable<KOut>, NonNullable<VOut>>;

function isOneGroup<K>(serde: Serde<K>, a: KeyValue<K, unknown>, b: KeyValue<K, unknown>): boolean {
  return identityOf(serde, a.key) === identityOf(serde, b.key);
}
