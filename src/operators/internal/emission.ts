import { noHeaders } from '../../core/model/headers.ts';
import type { Change, ChangeRecord, Row } from '../../core/model/record.ts';
import type { AnyStoreDefinition } from '../../core/task/state-port.ts';
import type { TableNode } from '../../core/topology/plan.ts';
import type { FiredTimer, ProcessorContext } from '../../core/topology/processor.ts';

/** What a row was, what it became (null: deleted), and when. */
export type Update<K, V> = (
  key: K,
  row: Row<V> | undefined,
  newRow: Row<V> | null,
  timestamp: number,
) => void;

/** The running half of an emission policy: the part of a processor that forwards. */
export interface Emission<K, V> {
  /** Null where a single record is of no interest. */
  readonly update: Update<K, V> | null;
  /** Told of a deleted row where `update` is null. */
  readonly deleted?: (key: K, timestamp: number) => void;
  readonly onTimer?: (timer: FiredTimer) => void;
  readonly onCommit?: () => void;
}

/** The planned half: what the node has to declare for it. */
export interface EmissionPlan<K, V> {
  readonly stores: readonly AnyStoreDefinition[];
  readonly hasTimers: boolean;
  readonly table: TableNode;
  create(context: ProcessorContext<K, Change<V>>): Emission<K, V>;
}

/** A table's record; it carries no headers. */
export function changeRecord<K, V>(
  key: K,
  oldRow: Row<V> | null | undefined,
  newRow: Row<V> | null | undefined,
  timestamp: number,
): ChangeRecord<K, V> {
  const value = { oldValue: oldRow?.value ?? null, newValue: newRow?.value ?? null };
  return { key, value, timestamp, headers: noHeaders };
}

/** Forwards each change at once. */
export function forwardingUpdate<K, V>(context: ProcessorContext<K, Change<V>>): Update<K, V> {
  return (key, row, newRow, timestamp) => {
    context.forward(changeRecord(key, row, newRow, timestamp));
  };
}
