import type { Windowed } from '../../core/model/windows.ts';
import type { Every } from './emit.ts';
import { orderedWindowKey } from './ordered-window-key.ts';
import { pendingDefinition, pendingEmission } from './pending.ts';
import type { WindowEmissionPlan } from './window-emission.ts';
import {
  endOfTimer,
  expiryOf,
  getRow,
  removeRow,
  scheduleForEnd,
  type WindowRows,
} from './window-rows.ts';

/** What changed, at the next multiple of the period; a row that waits for it is not removed. */
export function emitWindowsEvery<K, V>(
  policy: Every,
  spec: WindowRows<K, V>,
): WindowEmissionPlan<K, V> {
  const pending = pendingDefinition(spec.name, orderedWindowKey(spec.key), spec.value);
  return {
    stores: [pending],
    table: () => ({
      notVisible: null,
      open(context) {
        const store = context.store(spec.rows);
        const waiting = context.store(pending);
        return (key) => {
          const windowed = key as Windowed<K>; // a key of this table
          const first = waiting.get(windowed);
          return first === undefined ? (getRow(store, windowed) ?? null) : first.value.emitted;
        };
      },
    }),
    create(context) {
      const store = context.store(spec.rows);
      const waiting = context.store(pending);
      const isExpired = (endMs: number): boolean => expiryOf(spec, endMs) <= context.streamTimeMs;
      const expire = (endMs: number): void =>
        scheduleForEnd(context, 'expire', endMs, expiryOf(spec, endMs));
      const emission = pendingEmission(context, {
        policy,
        pending,
        current: (windowed: Windowed<K>) => getRow(store, windowed),
        emitted(windowed) {
          if (isExpired(windowed.endMs)) removeRow(store, windowed);
        },
      });
      return {
        update: emission.update,
        opened: expire,
        onTimer(timer) {
          if (timer.name === 'emit') return emission.onTimer?.(timer);
          const endMs = endOfTimer(timer);
          if (!isExpired(endMs)) return expire(endMs);
          context.scan(store, { gteEndMs: endMs, ltEndMs: endMs + 1 }, ([windowed]) => {
            if (waiting.get(windowed) === undefined) removeRow(store, windowed);
          });
        },
      };
    },
  };
}
