import type fc from 'fast-check';
import { type Step, stepsOf } from '../simulation/scenario.ts';

/** What workers go through; the first one has started before. */
export function happenings(): fc.Arbitrary<readonly Step[]> {
  return stepsOf(['start', 'start', 'close', 'crash', 'hang', 'wake', 'replace']);
}
