import type { Windowed } from '../../core/model/windows.ts';
import { deletionTimes } from './deletion-times.ts';
import { changeRecord } from './emission.ts';
import { orderedWindowKey } from './ordered-window-key.ts';
import type { WindowEmissionPlan } from './window-emission.ts';
import { type DueRows, expiryOf, removeRow, type WindowRows } from './window-rows.ts';
import { removalAtTheEnd, windowTimers } from './window-timers.ts';

/** What changed since the last commit, inside the commit: nothing is done per record. */
export function emitWindowsOnCommit<K, V>(spec: WindowRows<K, V>): WindowEmissionPlan<K, V> {
  return {
    stores: [],
    table: () => ({
      notVisible: null,
      open(context) {
        const store = context.store(spec.rows);
        return (looked) => {
          const { key, startMs, endMs } = looked as Windowed<K>; // a key of this table
          return store.told(key, startMs, endMs) ?? null;
        };
      },
    }),
    create(context) {
      const store = context.store(spec.rows);
      const { deletedAtMs } = spec;
      const deletions = deletionTimes(orderedWindowKey(spec.key));
      const deletedAt = deletedAtMs ?? deletions.timeOf;
      let visitedEndMs = -1;
      // At that very time the window's own timer may still be to come: a commit can fall before it.
      const isExpired = (endMs: number): boolean => {
        const leftMs = expiryOf(spec, endMs) - context.streamTimeMs;
        return leftMs < 0 || (leftMs === 0 && endMs <= visitedEndMs);
      };
      const remove = (due: DueRows<K, V>): void =>
        due(([windowed]) => {
          // Rows with changes to tell wait for the commit that tells them.
          const { key, startMs, endMs } = windowed;
          visitedEndMs = Math.max(visitedEndMs, endMs);
          if (!store.isDirty(key, startMs, endMs)) removeRow(store, windowed);
        });
      return {
        update: null,
        ...(deletedAtMs === undefined ? { deleted: deletions.note } : {}),
        ...windowTimers(context, spec, removalAtTheEnd(spec.retentionMs, remove)),
        onCommit() {
          const expired: Windowed<K>[] = [];
          store.changes((windowed, oldRow, newRow) => {
            const last = newRow ?? oldRow;
            if (last === null) return;
            if (newRow !== null && isExpired(windowed.endMs)) expired.push(windowed);
            const timestamp = newRow?.timestamp ?? deletedAt(windowed) ?? last.timestamp;
            context.forward(changeRecord(windowed, oldRow, newRow, timestamp));
          });
          for (const windowed of expired) removeRow(store, windowed);
          deletions.clear();
        },
      };
    },
  };
}
