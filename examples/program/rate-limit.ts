import type { Feeder } from './feeder.ts';

/** How many rows may be written now, of so many a second; null: of any number. */
export function rateLimit(
  feeder: Feeder,
  rate: number | null,
  { maxRowsPerWrite, idleMs }: { readonly maxRowsPerWrite: number; readonly idleMs: number },
): () => number {
  const startedAtMs = Date.now();
  const rowsBefore = feeder.position.rows;
  return () => {
    if (rate === null) return maxRowsPerWrite;
    const due = Math.ceil((rate * (Date.now() - startedAtMs + idleMs)) / 1000);
    return Math.min(maxRowsPerWrite, due - (feeder.position.rows - rowsBefore));
  };
}
