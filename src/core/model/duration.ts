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

const unitMs: ReadonlyMap<string, number> = new Map<Unit, number>([
  ['ms', 1],
  ['millisecond', 1],
  ['milliseconds', 1],
  ['s', 1000],
  ['second', 1000],
  ['seconds', 1000],
  ['m', 60_000],
  ['minute', 60_000],
  ['minutes', 60_000],
  ['h', 3_600_000],
  ['hour', 3_600_000],
  ['hours', 3_600_000],
  ['d', 86_400_000],
  ['day', 86_400_000],
  ['days', 86_400_000],
  ['w', 604_800_000],
  ['week', 604_800_000],
  ['weeks', 604_800_000],
]);

/** The largest time value of ECMAScript (ECMA-262, "Time Values and Time Range"). */
export const maxTimeMs = 8.64e15;

/** Whether a number is a time since the epoch, or a length of time: whole milliseconds. */
export function isTime(ms: number): boolean {
  return Number.isInteger(ms) && ms >= 0 && ms <= maxTimeMs;
}

/**
 * Milliseconds of a duration. `name` is what an error calls it.
 *
 * @example
 * ```ts
 * durationMs('1 minute'); // => 60_000
 * durationMs('1.5s'); // => 1_500
 * durationMs(250); // => 250
 * ```
 * @throws {ConfigError} `BAD_DURATION` unless it is a whole, non-negative number of milliseconds.
 */
export function durationMs(duration: Duration, name?: string): number {
  const ms = typeof duration === 'number' ? duration : parse(duration);
  if (isTime(ms)) return ms;
  // Who writes JavaScript is told of a forgotten one here.
  const given: unknown = duration;
  const wrong =
    given === undefined
      ? `${name ?? 'A duration'} is missing`
      : `${name === undefined ? '' : `${name}: `}'${String(given)}' is not a duration`;
  throw new ConfigError(
    'BAD_DURATION',
    `${wrong}: write whole milliseconds or text such as '1 minute', '30s', '1d'.`,
  );
}

/**
 * Milliseconds of a duration as it is typed, where digits alone are milliseconds.
 *
 * @throws {ConfigError} `BAD_DURATION`
 */
export function typedDurationMs(text: string): number {
  return durationMs(/^\d+$/.test(text) ? Number(text) : (text as Duration)); // checked there
}

function parse(text: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?) ?([a-z]+)$/.exec(text) ?? [];
  const ms = Number(amount) * (unitMs.get(unit) ?? NaN);
  // '1.001s' is 1000.9999999999999 in floating point, and means 1001.
  const whole = Math.round(ms);
  return Math.abs(ms - whole) < 1e-6 ? whole : ms;
}
