import { checkBounds, isObject } from './event-bounds.ts';
import type { EventContext, ProductEvent } from './product-event.ts';
import { type QuarantineReason, Reasons } from './quarantined-event.ts';
import { parseTimestamp } from './timestamp.ts';

/** What a reading came to. */
export type EventReading =
  | { readonly event: ProductEvent; readonly reasons: null }
  | { readonly event: null; readonly reasons: readonly QuarantineReason[] };

/** How events that were sent are read. */
export interface EventFormat {
  readonly name: string;
  /** The event, or all that is wrong with it. Never throws. */
  read(sent: unknown): EventReading;
  /** When it happened, epoch milliseconds; null if that cannot be told. Never throws. */
  timeOf(sent: unknown): number | null;
}

/** The names a field is read by, in this order. */
type Names = readonly [string, ...string[]];

type EventField = 'id' | 'type' | 'userId' | 'anonymousId' | 'sessionId' | 'timestampMs';

export type WireNames = Readonly<Record<EventField | 'context' | 'properties', Names>> & {
  readonly within: Readonly<Record<keyof EventContext, Names>>;
};

type Fields = Readonly<Record<string, unknown>>;

const maxIdLength = 1024;
/** Of an address, or of a user agent. */
const maxContextLength = 8192;

/** The format that these names make. */
export function eventFormat(name: string, names: WireNames): EventFormat {
  return Object.freeze({
    name,
    read: (sent: unknown) => read(names, sent),
    timeOf: (sent: unknown) =>
      isObject(sent) ? parseTimestamp(found(sent, names.timestampMs).value) : null,
  });
}

function read(names: WireNames, sent: unknown): EventReading {
  const reasons = new Reasons();
  if (!isObject(sent)) {
    reasons.add('object', '', 'it is no object');
    return { event: null, reasons: reasons.all };
  }
  checkBounds(sent, reasons);
  const id = required(sent, names.id, reasons);
  const type = required(sent, names.type, reasons);
  const timestampMs = timestamp(sent, names.timestampMs, reasons);
  const event: ProductEvent = {
    id,
    type,
    userId: text(sent, { names: names.userId }, reasons),
    anonymousId: text(sent, { names: names.anonymousId }, reasons),
    sessionId: text(sent, { names: names.sessionId }, reasons),
    timestampMs,
    context: contextOf(inside(sent, names.context, reasons), names, reasons),
    properties: inside(sent, names.properties, reasons),
  };
  return reasons.isEmpty ? { event, reasons: null } : { event: null, reasons: reasons.all };
}

function contextOf(context: Fields, { context: [at], within }: WireNames, reasons: Reasons) {
  const field = (names: Names) => text(context, { names, at, max: maxContextLength }, reasons);
  // Some senders describe a page or a referrer by an object; its address is what counts.
  const address = (names: Names) => {
    const { name, value } = found(context, names);
    if (!isObject(value)) return field(names);
    const places = { names: ['url', 'path'] as const, at: `${at}.${name}`, max: maxContextLength };
    return text(value, places, reasons);
  };
  return {
    ip: field(within.ip),
    userAgent: field(within.userAgent),
    locale: field(within.locale),
    page: address(within.page),
    referrer: address(within.referrer),
  };
}

/** The first of the names that has a value; the first of all where none has. */
function found(fields: Fields, names: Names): { readonly name: string; readonly value: unknown } {
  for (const name of names) {
    const value = Object.hasOwn(fields, name) ? fields[name] : null;
    if (value !== null && value !== undefined && value !== '') return { name, value };
  }
  return { name: names[0], value: null };
}

interface TextPlace {
  readonly names: Names;
  readonly at?: string;
  /** Characters. */
  readonly max?: number;
}

/** Text, or a whole number, which is written out; null where it is absent, empty or wrong. */
function text(fields: Fields, { names, at, max = maxIdLength }: TextPlace, reasons: Reasons) {
  const { name, value } = found(fields, names);
  if (value === null) return null;
  const path = at === undefined ? name : `${at}.${name}`;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  if (typeof value !== 'string') {
    reasons.add('type', path, 'it is to be text');
    return null;
  }
  if (value.length <= max) return value;
  reasons.add('bounds', path, `it is longer than ${max}`);
  return null;
}

function required(fields: Fields, names: Names, reasons: Reasons): string {
  const { name, value } = found(fields, names);
  if (value === null) reasons.add('required', name, 'it is missing');
  return text(fields, { names }, reasons) ?? '';
}

function timestamp(fields: Fields, names: Names, reasons: Reasons): number {
  const { name, value } = found(fields, names);
  const timeMs = parseTimestamp(value);
  if (value === null) reasons.add('required', name, 'it is missing');
  else if (timeMs === null) {
    const message = 'it is neither epoch milliseconds nor a date and time with an offset';
    reasons.add('timestamp', name, message);
  }
  return timeMs ?? 0;
}

function inside(fields: Fields, names: Names, reasons: Reasons): Fields {
  const { name, value } = found(fields, names);
  if (value === null) return {};
  if (isObject(value)) return value;
  reasons.add('type', name, 'it is to be an object');
  return {};
}
