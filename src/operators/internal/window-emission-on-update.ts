import type { Windowed } from '../../core/model/windows.ts';
import { forwardingUpdate } from './emission.ts';
import type { WindowEmissionPlan } from './window-emission.ts';
import { type DueRows, getRow, removeRow, type WindowRows } from './window-rows.ts';
import { removalAtTheEnd, windowTimers } from './window-timers.ts';

/** Each change at once; a row goes when its window's retention ends. */
export function emitWindowsOnUpdate<K, V>(spec: WindowRows<K, V>): WindowEmissionPlan<K, V> {
  return {
    stores: [],
    table: () => ({
      notVisible: null,
      open(context) {
        const store = context.store(spec.rows);
        return (key) => getRow(store, key as Windowed<K>) ?? null; // a key of this table
      },
    }),
    create(context) {
      const store = context.store(spec.rows);
      const remove = (due: DueRows<K, V>): void => due(([windowed]) => removeRow(store, windowed));
      const timers = windowTimers(context, spec, removalAtTheEnd(spec.retentionMs, remove));
      return { update: forwardingUpdate(context), ...timers };
    },
  };
}
