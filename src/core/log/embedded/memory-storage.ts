import type { LogStorage } from './log-storage.ts';

/** Keeps nothing: the index of each partition holds the bytes. */
export function memoryStorage(): LogStorage {
  return {
    open: () => undefined,
    visitRows: () => undefined,
    putRow: () => undefined,
    deleteRow: () => undefined,
    putBatch: () => undefined,
    deleteBatch: () => undefined,
    flush: () => undefined,
    readBatches: (_place, entries) => entries.map((entry) => entry.bytes),
    close: () => undefined,
  };
}
