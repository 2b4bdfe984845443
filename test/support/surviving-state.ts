import type { StateBackend, StatePosition } from '../../src/core/task/state-port.ts';
import type {
  CommittedRows,
  CommittedState,
  RowBatch,
  StoredEntry,
} from '../../src/state/committed-rows.ts';
import { OrderedRows } from '../../src/state/memory/ordered-rows.ts';
import { overlayBackend } from '../../src/state/overlay-state.ts';

/** The committed rows of one task. */
interface Files {
  readonly stores: Map<string, OrderedRows>;
  position: StatePosition | null;
}

/** Local state whose files outlive the worker, and can be looked at. */
export interface SurvivingState extends StateBackend {
  /** What a task committed locally; null if it has nothing here. */
  position(taskId: string): StatePosition | null;
  /** The committed rows of a store, as bytes: key and value in hexadecimal. */
  rows(taskId: string, store: string): ReadonlyMap<string, string>;
}

/** A disk in memory: what its tasks committed outlives the process that did. */
export function survivingState(): SurvivingState {
  const disk = new Map<string, Files>();
  const backend = overlayBackend(({ taskId }) => {
    const files = disk.get(taskId) ?? { stores: new Map<string, OrderedRows>(), position: null };
    disk.set(taskId, files);
    return openFiles(files);
  });
  return {
    open: (options) => backend.open(options),
    position: (taskId) => disk.get(taskId)?.position ?? null,
    rows(taskId, store) {
      const rows = disk.get(taskId)?.stores.get(store);
      const entries = rows === undefined ? [] : entriesOf(rows);
      return new Map(entries.map(([key, row]) => [key.toString('hex'), row.toString('hex')]));
    },
  };
}

function openFiles(files: Files): CommittedState {
  const { stores } = files;
  const rowsOf = (store: string) => {
    const rows = stores.get(store) ?? new OrderedRows(store);
    stores.set(store, rows);
    return rows;
  };
  const clear = () => {
    for (const rows of stores.values()) rows.clear();
    files.position = null;
  };
  return {
    get position() {
      return files.position;
    },
    rebuildReason: null,
    rows: (store) => withLastKey(rowsOf(store)),
    batch: () => batchOf(files, rowsOf),
    clear,
    distrust: clear,
    // It stays as it was committed, as files do.
    close: () => undefined,
  };
}

function withLastKey(rows: OrderedRows): CommittedRows {
  return {
    store: rows.store,
    prefix: rows.prefix,
    lastKey: entriesOf(rows).at(-1)?.[0] ?? null,
    get: (key) => rows.get(key),
    scan: (range) => rows.scan(range),
  };
}

function entriesOf(rows: OrderedRows): readonly StoredEntry[] {
  const entries = rows.scan({}).next(Infinity);
  if (entries instanceof Promise) throw new Error('Memory answers at once.');
  return entries;
}

function batchOf(files: Files, rowsOf: (store: string) => OrderedRows): RowBatch {
  const changes: (() => void)[] = [];
  return {
    put({ store }, key, envelope) {
      const [name, bytes] = [key.toString('latin1'), Buffer.from(envelope)];
      changes.push(() => rowsOf(store).put(name, bytes));
    },
    remove({ store }, key) {
      const name = key.toString('latin1');
      changes.push(() => rowsOf(store).remove(name));
    },
    write(position) {
      for (const change of changes) change();
      files.position = position;
    },
    discard() {
      changes.length = 0;
    },
  };
}
