import type { Windowed } from '../../core/model/windows.ts';
import { forwardingUpdate } from './emission.ts';
import type { WindowEmissionPlan } from './window-emission.ts';
import {
  endOfTimer,
  expiryOf,
  getRow,
  removeRow,
  scheduleForEnd,
  type WindowRows,
} from './window-rows.ts';

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
      const expire = (endMs: number): void =>
        scheduleForEnd(context, 'expire', endMs, expiryOf(spec, endMs));
      return {
        update: forwardingUpdate(context),
        opened: expire,
        onTimer(timer) {
          const endMs = endOfTimer(timer);
          if (expiryOf(spec, endMs) > context.streamTimeMs) return expire(endMs);
          context.scan(store, { gteEndMs: endMs, ltEndMs: endMs + 1 }, ([windowed]) =>
            removeRow(store, windowed),
          );
        },
      };
    },
  };
}
