import type { Windowed } from '../../core/model/windows.ts';
import { changeRecord } from './emission.ts';
import type { WindowEmissionPlan } from './window-emission.ts';
import { type DueRows, getRow, removeRow, type WindowRows } from './window-rows.ts';
import { windowTimers } from './window-timers.ts';

/** One row per key and window, at its close; it then goes, or stays for its retention. */
export function emitWindowsOnClose<K, V>(spec: WindowRows<K, V>): WindowEmissionPlan<K, V> {
  const { rows, windows, retentionMs, name } = spec;
  const notVisible = `rows of '${name}' are removed as they are emitted; give it a \`retention\``;
  return {
    stores: [],
    table: (self) => ({
      notVisible: retentionMs > 0 ? null : notVisible,
      open(context) {
        const store = context.store(rows);
        return (key) => {
          const windowed = key as Windowed<K>; // a key of this table
          const isClosed = windowed.endMs <= context.closedMs(self());
          return isClosed ? (getRow(store, windowed) ?? null) : null;
        };
      },
    }),
    create(context) {
      const store = context.store(rows);
      const close = (due: DueRows<K, V>): void => {
        // Before the rows leave: a lookup below finds what was forwarded.
        context.advanceClosed(context.streamTimeMs - windows.graceMs);
        due(([windowed, row]) => {
          if (retentionMs === 0) removeRow(store, windowed);
          context.forward(changeRecord(windowed, null, row, row.timestamp));
        });
      };
      const expire = (due: DueRows<K, V>): void => due(([windowed]) => removeRow(store, windowed));
      return { update: null, ...windowTimers(context, spec, { close, expire }) };
    },
  };
}
