import { int64 } from '../../src/core/serde/integers.ts';
import { string } from '../../src/core/serde/string.ts';
import type {
  OpenStateOptions,
  RestoredChange,
  ScanCursor,
  Scannable,
  StatePosition,
  LocalState,
} from '../../src/core/task/state-port.ts';
import { keyValueStore, sessionStore, windowStore } from '../../src/state/store-definitions.ts';

export const totals = keyValueStore({ name: 'totals', key: string(), value: string() });
export const counts = windowStore({ name: 'counts', key: string(), value: int64() });
export const sessions = sessionStore({ name: 'sessions', key: string(), value: string() });

export const openOptions: OpenStateOptions = {
  application: 'app',
  taskId: 'in-0',
  stores: [totals, counts, sessions],
  rawStores: ['timers'],
  maxCacheBytes: 1_000_000,
};

export function positionOf(commitNumber: number): StatePosition {
  return { commitNumber, changelogs: new Map([['totals', commitNumber]]), committedAtMs: 1 };
}

/** A change as the log would keep it, with text keys for the eye. */
export type Change = readonly [store: string, key: string, value: Buffer | null];

export function drained(state: LocalState): Change[] {
  const changes: Change[] = [];
  state.drain({
    change(store, key, value) {
      const text = Buffer.from(key).toString('latin1');
      changes.push([store, text, value === null ? null : Buffer.from(value)]);
    },
  });
  return changes;
}

/** Drains and writes; answers what went to the changelogs. */
export async function commit(state: LocalState, commitNumber: number): Promise<Change[]> {
  const changes = drained(state);
  await state.write(positionOf(commitNumber));
  return changes;
}

/** All entries of a range, fetched `batch` at a time. */
export async function entriesOf<R, E>(
  store: Scannable<R, E>,
  range: R,
  batch = 2,
): Promise<readonly E[]> {
  return rest(store.openScan(range), batch);
}

export async function rest<E>(cursor: ScanCursor<E>, batch = 2): Promise<readonly E[]> {
  const found: E[] = [];
  for (;;) {
    const entries = await cursor.next(batch);
    if (entries.length === 0) break;
    found.push(...entries);
  }
  await cursor.close();
  return found;
}

export function restoredChanges(changes: readonly Change[], store: string): RestoredChange[] {
  return changes
    .filter(([name]) => name === store)
    .map(([, key, value]) => [Buffer.from(key, 'latin1'), value]);
}
