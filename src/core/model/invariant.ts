import { MillraceError } from './errors.ts';

/** States what must hold for the code below; a failure is a defect of this library. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new MillraceError('INVARIANT', message);
}
