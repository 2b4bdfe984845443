import { andThen, type MaybePromise } from '../model/maybe-promise.ts';
import type { RawStore, ScanCursor } from './state-port.ts';
import { decodeTimer, nameRowKey, timerNames, timeRowKey } from './timer-row.ts';

const rowsPerRead = 1_000;

/** Moves the timers of renamed nodes to their names of now, in the next commit of the task. */
export function renameTimers(
  store: RawStore,
  newNames: ReadonlyMap<string, string>,
): MaybePromise<void> {
  if (newNames.size === 0) return undefined;
  // What is written meanwhile is not seen by the scan.
  return moveAll(store, newNames, store.openScan(timerNames));
}

function moveAll(
  store: RawStore,
  newNames: ReadonlyMap<string, string>,
  cursor: ScanCursor<readonly [Uint8Array, Uint8Array]>,
): MaybePromise<void> {
  return andThen(cursor.next(rowsPerRead), (rows) => {
    if (rows.length === 0) return cursor.close();
    for (const [rowKey, row] of rows) {
      const timer = decodeTimer(rowKey, row);
      const node = newNames.get(timer.node);
      if (node === undefined) continue;
      const bytes = Buffer.from(row);
      store.put(nameRowKey(timer), null);
      store.put(timeRowKey(timer), null);
      store.put(nameRowKey({ ...timer, node }), bytes);
      store.put(timeRowKey({ ...timer, node }), bytes);
    }
    return moveAll(store, newNames, cursor);
  });
}
