import { expect } from 'vitest';
import { MillraceError } from '../../src/core/model/errors.ts';

/** The error of this library that the call throws. */
export function thrownBy(call: () => unknown): MillraceError {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(MillraceError);
    return error as MillraceError; // checked just now
  }
  throw new Error('Nothing was thrown.');
}
