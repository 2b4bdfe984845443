import type { Serde } from './serde.ts';

type Prepare = (key: Uint8Array | null, value: Uint8Array | null) => Promise<unknown> | null;

/** Asks both serdes what has to be waited for before a record is decoded; null: they never wait. */
export function preparation(key: Serde<unknown>, value: Serde<unknown>): Prepare | null {
  if (key.prepare === undefined && value.prepare === undefined) return null;
  return (keyBytes, valueBytes) => {
    const waits = [
      keyBytes === null ? null : (key.prepare?.(keyBytes) ?? null),
      valueBytes === null ? null : (value.prepare?.(valueBytes) ?? null),
    ].filter((wait) => wait !== null);
    return waits.length === 0 ? null : Promise.allSettled(waits);
  };
}
