import type { Windowed } from '../../core/model/windows.ts';
import { changeRecord } from './emission.ts';
import type { WindowEmissionPlan } from './window-emission.ts';
import {
  endOfTimer,
  expiryOf,
  getRow,
  removeRow,
  scheduleForEnd,
  type WindowRows,
} from './window-rows.ts';

/** One row per key and window, at its close; it then goes, or stays for its retention. */
export function emitOnClose<K, V>(spec: WindowRows<K, V>): WindowEmissionPlan<K, V> {
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
      const removeAll = (endMs: number): void =>
        context.scan(store, { gteEndMs: endMs, ltEndMs: endMs + 1 }, ([windowed]) =>
          removeRow(store, windowed),
        );
      const closeAll = (endMs: number): void =>
        context.scan(store, { gteEndMs: endMs, ltEndMs: endMs + 1 }, ([windowed, row]) => {
          if (retentionMs === 0) removeRow(store, windowed);
          context.forward(changeRecord(windowed, null, row, row.timestamp));
        });
      return {
        update: null,
        opened: (endMs) => scheduleForEnd(context, 'close', endMs, endMs + windows.graceMs),
        onTimer(timer) {
          const endMs = endOfTimer(timer);
          const isClose = timer.name === 'close';
          const due = isClose ? endMs + windows.graceMs : expiryOf(spec, endMs);
          // A grace or retention made longer since the timer was set.
          if (due > context.streamTimeMs) {
            return scheduleForEnd(context, isClose ? 'close' : 'expire', endMs, due);
          }
          if (!isClose) return removeAll(endMs);
          // Before the rows leave: a lookup below finds what was forwarded.
          context.advanceClosed(context.streamTimeMs - windows.graceMs);
          closeAll(endMs);
          if (retentionMs > 0) scheduleForEnd(context, 'expire', endMs, expiryOf(spec, endMs));
        },
      };
    },
  };
}
