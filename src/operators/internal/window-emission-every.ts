import type { Windowed } from '../../core/model/windows.ts';
import type { Every } from './emit.ts';
import { orderedWindowKey } from './ordered-window-key.ts';
import { isEmitTimer, pendingDefinition, pendingEmission } from './pending.ts';
import type { WindowEmissionPlan } from './window-emission.ts';
import { type DueRows, expiryOf, getRow, removeRow, type WindowRows } from './window-rows.ts';
import { removalAtTheEnd, windowTimers } from './window-timers.ts';

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
      const isExpired = (endMs: number): boolean => {
        const leftMs = expiryOf(spec, endMs) - context.streamTimeMs;
        // At that very time the window's own timer comes next, for the period's has no key.
        return policy.by === 'wall-clock' ? leftMs <= 0 : leftMs < 0;
      };
      const emission = pendingEmission(context, {
        policy,
        pending,
        current: (windowed: Windowed<K>) => getRow(store, windowed),
        emitted(windowed) {
          if (isExpired(windowed.endMs)) removeRow(store, windowed);
        },
      });
      const remove = (due: DueRows<K, V>): void =>
        due(([windowed]) => {
          if (waiting.get(windowed) === undefined) removeRow(store, windowed);
        });
      const turns = removalAtTheEnd(spec.retentionMs, remove);
      const { onTimer, ...ends } = windowTimers(context, spec, turns);
      return {
        update: emission.update,
        ...ends,
        onTimer: (timer) => (isEmitTimer(timer) ? emission.onTimer?.(timer) : onTimer(timer)),
      };
    },
  };
}
