import { ConfigError } from '../../core/model/errors.ts';

/** About 11,000 years: with them no time of an operator leaves the safe integers. */
const maxReachMs = 3.5e14;

/** @throws {ConfigError} `BAD_WINDOW` if the stretches add up to more than can be reckoned with. */
export function checkReach(what: string, ...stretchesMs: readonly number[]): void {
  const totalMs = stretchesMs.reduce((sum, ms) => sum + ms, 0);
  if (totalMs <= maxReachMs) return;
  throw new ConfigError('BAD_WINDOW', `${what} must not be above ${maxReachMs} ms: take less.`);
}

/** The end of the stretch of `bucketMs` that holds `ms`; the first of them starts at 0. */
export function bucketEnd(bucketMs: number, ms: number): number {
  return ms - (ms % bucketMs) + bucketMs;
}
