import type { RecordMetadata } from '../../core/topology/processor.ts';

/** Why an event was not accepted. */
export interface QuarantineReason {
  /** Which rule it breaks. */
  readonly rule: QuarantineRule;
  /** Where in the event as it was sent, as `context.ip`; empty: as a whole. */
  readonly path: string;
  readonly message: string;
}

/** The rules, by what they ask for. */
export type QuarantineRule =
  /** It is no object. */
  | 'object'
  /** It nests too deep, holds too much, or something that JSON cannot carry. */
  | 'bounds'
  /** A field is called `__proto__`, or it reaches for a constructor's prototype. */
  | 'forbidden-name'
  /** A field that every event has is not there. */
  | 'required'
  /** A field has another type than the model says. */
  | 'type'
  | 'timestamp'
  /** There are no rules for events of this type. */
  | 'unknown-type'
  /** It has neither a user nor an anonymous id. */
  | 'visitor'
  /** The schema of its type. */
  | 'schema'
  /** It is further behind than is waited for. */
  | 'late';

/** An event that was read and breaks a rule. */
export interface QuarantinedEvent {
  /** At least one, at most 20. */
  readonly reasons: readonly QuarantineReason[];
  /** What was sent, as it was decoded; see `originalOf` for what JSON cannot carry. */
  readonly original: unknown;
  /** Where it was read. */
  readonly from: RecordMetadata | null;
}

/** Of a field's path or a schema's words. */
const maxTextLength = 200;
const maxReasons = 20;
/** Below it a value is quarantined as it is. */
const maxOriginalDepth = 64;

/** Collects the reasons against one event. */
export class Reasons {
  readonly all: QuarantineReason[] = [];

  add(rule: QuarantineRule, path: string, message: string): void {
    if (this.all.length >= maxReasons) return;
    this.all.push({ rule, path: cut(path), message: cut(message) });
  }

  get isEmpty(): boolean {
    return this.all.length === 0;
  }
}

function cut(text: string): string {
  return text.length > maxTextLength ? `${text.slice(0, maxTextLength)}…` : text;
}

/**
 * The value as JSON can carry it: big integers as their digits, bytes in base64, and whatever nests
 * deeper than 64 levels as its JSON text.
 */
export function originalOf(value: unknown, depth = 0): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (depth >= maxOriginalDepth) return JSON.stringify(value, bigintsAsText);
  if (Array.isArray(value)) return value.map((item: unknown) => originalOf(item, depth + 1));
  // `fromEntries` defines fields: one called `__proto__` is a field like any other.
  return Object.fromEntries(
    Object.entries(value).map(([name, own]) => [name, originalOf(own, depth + 1)]),
  );
}

function bigintsAsText(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
