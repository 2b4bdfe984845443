import { messageOf } from '../../core/model/message-of.ts';
import type { LogEvent } from './output.ts';

/** A JSON object in one line: time, level, source, message, and the fields. */
export function jsonLine({ timeMs, level, source, message, fields }: LogEvent): string {
  const head = { time: new Date(timeMs).toISOString(), level, source, message };
  // Named twice: first for the order, then so that no field can take their place.
  return textOf({ ...head, ...fields, ...head }) ?? JSON.stringify(head);
}

/** JSON of anything: errors as objects, big integers and what has no JSON as text. */
export function jsonOf(value: unknown): string {
  return textOf(value) ?? JSON.stringify(messageOf(value));
}

/** Null where there is none, as of an object that contains itself. */
function textOf(value: unknown): string | null {
  try {
    return JSON.stringify(value, plain) ?? null;
  } catch {
    return null;
  }
}

function plain(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  return { ...value, name, message, stack, cause };
}
