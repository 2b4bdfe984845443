import type { ErrorCode } from '../model/error-codes.ts';
import { LogError, type MillraceError, StoreError } from '../model/errors.ts';

/** Recoveries in a row without a commit in between, before the worker gives up. */
const maxInARow = 10;
const maxDelayMs = 5_000;

/** How often a worker went back to its last commit, and whether it may do so once more. */
export class Recoveries {
  count = 0;
  lastCode: ErrorCode | null = null;
  private inARow = 0;

  /** Throws the error again if going back cannot mend it, or did not. */
  begin(error: unknown): MillraceError {
    this.inARow += 1;
    if (!isRecoverable(error) || this.inARow > maxInARow) throw error;
    this.count += 1;
    this.lastCode = error.code;
    return error;
  }

  /** To be waited before the next attempt; none before the first. */
  get delayMs(): number {
    return delayBefore(this.inARow);
  }

  hasCommitted(): void {
    this.inARow = 0;
  }
}

/** Doubles from attempt to attempt; the first begins at once. */
export function delayBefore(attempt: number): number {
  return attempt <= 1 ? 0 : Math.min(maxDelayMs, 10 * 2 ** attempt);
}

/** A new start opens the local state again, and restores it where it is damaged. */
const mendableStoreCodes: ReadonlySet<ErrorCode> = new Set([
  'STORE_LOCKED',
  'STORE_IO',
  'STORE_DAMAGED',
  'STORE_CLOSED',
]);

/**
 * Log and store errors that a fresh start from the last commit can mend. A fenced producer counts
 * too: its transaction may have timed out. If another worker took over, the group says so.
 */
export function isRecoverable(error: unknown): error is MillraceError {
  if (error instanceof LogError) return error.errorClass !== 'fatal';
  return error instanceof StoreError && mendableStoreCodes.has(error.code);
}
