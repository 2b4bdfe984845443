import { isTime, maxTimeMs } from '../core/model/duration.ts';
import { StoreError } from '../core/model/errors.ts';
import type { Row } from '../core/model/record.ts';

/**
 * What a callback hands to `put`, before it can reach a changelog. Null deletes.
 *
 * @throws {StoreError} `UNDEFINED_VALUE`, `INVALID_TIMESTAMP`.
 */
export function checkRow(row: Row<unknown> | null, store: string): void {
  if (row === null) return;
  // Callbacks in JavaScript, or behind a cast, hand in anything.
  const given: unknown = row;
  if (typeof given !== 'object' || row.value === undefined) {
    throw new StoreError(
      'UNDEFINED_VALUE',
      `Store '${store}' was given a row without a value. Put { value, timestamp }, or null to delete.`,
      { where: { store } },
    );
  }
  const { timestamp } = row;
  if (isTime(timestamp)) return;
  throw new StoreError(
    'INVALID_TIMESTAMP',
    `Store '${store}' was given a row with timestamp ${String(timestamp)}. Put whole epoch ` +
      `milliseconds from 0 to ${maxTimeMs}, such as those of the record.`,
    { where: { store } },
  );
}
