import { messageOf } from '../../core/model/message-of.ts';
import { libraryCodeOf, StopTimeoutError } from '../exit-codes.ts';
import { jsonOf } from './json-line.ts';
import type { LogEvent } from './output.ts';

/** `2026-01-31T00:00:00.000Z INFO worker 1: message key=value`. */
export function textLine({ timeMs, level, source, message, fields }: LogEvent): string {
  const pairs = Object.entries(fields).map(([name, value]) => ` ${name}=${shown(value)}`);
  const time = new Date(timeMs).toISOString();
  return `${time} ${level.toUpperCase()} ${source}: ${inOneLine(message)}${pairs.join('')}`;
}

/** An error with its causes, for a reader: the stack where it is not one of the library's own. */
export function errorText(error: unknown): string {
  const parts: string[] = [];
  const seen = new Set<unknown>();
  let next: unknown = error;
  while (next !== undefined && next !== null && !seen.has(next)) {
    seen.add(next);
    parts.push(`${parts.length === 0 ? '' : 'Caused by: '}${oneError(next)}`);
    next = next instanceof Error ? next.cause : undefined;
  }
  return parts.join('\n');
}

function oneError(error: unknown): string {
  const code = libraryCodeOf(error);
  if (code !== null && code !== 'INVARIANT') return `${code}: ${messageOf(error)}`;
  if (!(error instanceof Error) || error instanceof StopTimeoutError) return messageOf(error);
  return error.stack ?? error.message;
}

function shown(value: unknown): string {
  if (value instanceof Error) return shown(withCode(value));
  const text = typeof value === 'string' ? value : jsonOf(value);
  return /^[^\s"=]+$/.test(text) || typeof value !== 'string' ? text : JSON.stringify(text);
}

function withCode(error: Error): string {
  const code = libraryCodeOf(error);
  return code === null ? error.message : `${code}: ${error.message}`;
}

function inOneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' | ');
}
