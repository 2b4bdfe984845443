import { identityOf } from '../../core/serde/key-identity.ts';
import type { Serde } from '../../core/serde/serde.ts';

/** When rows were deleted that a commit will tell of: a store keeps no time for what is gone. */
export interface DeletionTimes<K> {
  readonly note: (key: K, timestamp: number) => void;
  readonly timeOf: (key: K) => number | undefined;
  readonly clear: () => void;
}

/**
 * Kept beside the stores, so that other records cost nothing. What a rolled back record leaves here
 * is not read: the store then says that the row is there, or was deleted by another record.
 */
export function deletionTimes<K>(key: Serde<K>): DeletionTimes<K> {
  const times = new Map<string, number>();
  return {
    note: (deleted, timestamp) => void times.set(identityOf(key, deleted), timestamp),
    timeOf: (deleted) => times.get(identityOf(key, deleted)),
    clear: () => times.clear(),
  };
}
