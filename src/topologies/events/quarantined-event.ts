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
const maxOriginalBytes = 500_000;
const maxKeptLength = 65_536;

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

function cut(text: string, maxLength = maxTextLength): string {
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}

/**
 * The value as JSON can carry it: big integers, NaN and infinities as text, bytes in base64, and
 * whatever nests deeper than 64 levels as its JSON text. Of more than 500,000 bytes of JSON only
 * the first 65,536 characters are kept, as text: the record has to have room in its topic.
 */
export function originalOf(value: unknown): unknown {
  const original = carried(value, 0);
  const text = textOf(original);
  return Buffer.byteLength(text) > maxOriginalBytes ? cut(text, maxKeptLength) : original;
}

function carried(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return asJson('', value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (depth >= maxOriginalDepth) return textOf(value);
  if (Array.isArray(value)) return value.map((item: unknown) => carried(item, depth + 1));
  // `fromEntries` defines fields: one called `__proto__` is a field like any other.
  return Object.fromEntries(
    Object.entries(value).map(([name, own]) => [name, carried(own, depth + 1)]),
  );
}

function textOf(value: unknown): string {
  try {
    return String(JSON.stringify(value, asJson));
  } catch {
    // Avro reads what is deeper than the stack on which JSON is written.
    return '(nests too deep to be shown)';
  }
}

function asJson(_name: string, value: unknown): unknown {
  const isText =
    typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value));
  return isText ? String(value) : value;
}
