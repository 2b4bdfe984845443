import { typedDurationMs } from '../core/model/duration.ts';
import { UsageError } from './exit-codes.ts';

/** The value of an option that may be absent. */
export function optional<T>(text: string | undefined, read: (text: string) => T): T | null {
  return text === undefined ? null : read(text);
}

/** @throws {UsageError} */
export function wholeNumber(option: string, text: string, min: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= min) return value;
  throw new UsageError(`${option} '${text}': give a whole number of at least ${min}.`);
}

/** Bare digits are milliseconds. @throws {UsageError} */
export function durationMs(option: string, text: string, min = 0): number {
  const ms = parsedMs(option, text);
  if (ms >= min) return ms;
  throw new UsageError(`${option} '${text}': give at least ${min}ms.`);
}

function parsedMs(option: string, text: string): number {
  try {
    return typedDurationMs(text);
  } catch (cause) {
    const rule = 'write milliseconds, or a duration such as 500ms, 30s or 1m';
    throw new UsageError(`${option} '${text}': ${rule}.`, { cause });
  }
}

/** @throws {UsageError} */
export function oneOf<T extends string>(option: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((value) => value === text);
  if (found !== undefined) return found;
  throw new UsageError(`${option} '${text}': give one of ${allowed.join(', ')}.`);
}

/** @throws {UsageError} */
export function keyValue(option: string, text: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new UsageError(`${option} '${text}': write KEY=VALUE.`);
}
