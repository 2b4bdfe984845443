import { ConfigError } from './errors.ts';

type Unit =
  | 'ms'
  | 's'
  | 'm'
  | 'h'
  | 'd'
  | 'w'
  | 'millisecond'
  | 'milliseconds'
  | 'second'
  | 'seconds'
  | 'minute'
  | 'minutes'
  | 'hour'
  | 'hours'
  | 'day'
  | 'days'
  | 'week'
  | 'weeks';

/** A number of milliseconds, or text such as `'1 minute'`, `'30s'`, `'1d'`. */
export type Duration = number | `${number}${Unit}` | `${number} ${Unit}`;

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  millisecond: 1,
  s: 1000,
  second: 1000,
  m: 60_000,
  minute: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  w: 604_800_000,
  week: 604_800_000,
};

/** The largest time value of ECMAScript (ECMA-262, "Time Values and Time Range"). */
export const maxTimeMs = 8.64e15;

/**
 * Milliseconds of a duration.
 *
 * @example
 * ```ts
 * durationMs('1 minute'); // => 60_000
 * durationMs('1.5s'); // => 1_500
 * durationMs(250); // => 250
 * ```
 * @throws {ConfigError} `BAD_DURATION` unless it is a whole, non-negative number of milliseconds.
 */
export function durationMs(duration: Duration): number {
  const ms = typeof duration === 'number' ? duration : parse(duration);
  if (!Number.isInteger(ms) || ms < 0 || ms > maxTimeMs) {
    throw new ConfigError(
      'BAD_DURATION',
      `'${duration}' is not a duration: write whole milliseconds or text such as '1 minute', '30s', '1d'.`,
    );
  }
  return ms;
}

function parse(text: string): number {
  const match = /^(\d+(?:\.\d+)?) ?([a-z]+)$/.exec(text);
  if (match === null) return NaN;
  const unit = match[2] as string; // the pattern has two groups
  const factor = Object.hasOwn(unitMs, unit) ? unitMs[unit] : unitMs[unit.replace(/s$/, '')];
  return Number(match[1]) * (factor ?? NaN);
}
