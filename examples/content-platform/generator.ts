import { uniform, zipf } from '../program/dice.ts';
import { generatedRows, type Row, type RowSource } from '../program/row-source.ts';
import { addressAt, addressRanks } from './addresses.ts';
import { type Fields, spoil } from './spoilt-events.ts';

/** An event as it is sent, and what the generator knows of it. */
export interface GeneratedEvent {
  /** `duplicate`: an earlier event, sent once more. */
  readonly kind: 'good' | 'bad' | 'duplicate';
  /** The rule that a bad one breaks. */
  readonly rule: string | null;
  readonly sent: Fields;
  /** Of a bad event that tells no time, when it would have happened. */
  readonly timestamp: number;
  /** What the place of its address is to be. */
  readonly country: string | null;
}

/** A Friday evening in New York, where summer time begins on the Sunday. */
export const firstEventMs = Date.UTC(2025, 2, 8, 2);
/** Event time from one event to the next. */
export const stepMs = 1000;
const badOneIn = 100;
const outOfOrderOneIn = 20;
const duplicateOneIn = 50;
/** How far behind events may be that come out of order. */
export const maxBehindMs = 60_000;
/** How many events later a duplicate may come. */
export const maxResend = 240;

/** So many visits go on side by side, each of up to so many events, one after the other. */
const visitsAtOnce = 64;
const visitLength = 12;
const pageAt = zipf(500);
const userAt = zipf(20_000);
const countryAt = zipf(addressRanks);

/**
 * Events of a site as a function of seed and index alone, so that a restart goes on at any index.
 * One in 100 breaks a rule, one in 20 comes late, one in 50 is sent once more.
 */
export function eventAt(seed: number, index: number): GeneratedEvent {
  const earlier = resentAt(seed, index);
  // What is sent once more was sent before: not itself once more, and without a fault.
  if (earlier !== null && resentAt(seed, earlier) === null) {
    const again = originalAt(seed, earlier);
    if (again.kind === 'good') return { ...again, kind: 'duplicate' };
  }
  return originalAt(seed, index);
}

/** Which event is to be sent once more in place of the one at an index; null: none. */
function resentAt(seed: number, index: number): number | null {
  if (Math.floor(uniform(seed, index, 1) * duplicateOneIn) > 0) return null;
  const earlier = index - 1 - Math.floor(uniform(seed, index, 2) * maxResend);
  return earlier < 0 ? null : earlier;
}

/** The row of the input topic: each of some collectors writes to a partition of its own. */
export function rowAt(seed: number, index: number): Row {
  const { sent, timestamp } = eventAt(seed, index);
  return { key: `collector-${index % 8}`, value: JSON.stringify(sent), timestamp };
}

function originalAt(seed: number, index: number): GeneratedEvent {
  const dice = (purpose: number) => uniform(seed, index, purpose);
  const evenly = firstEventMs + index * stepMs;
  const isBehind = Math.floor(dice(3) * outOfOrderOneIn) === 0;
  const timestamp = isBehind ? evenly - Math.ceil(dice(4) * maxBehindMs) : evenly;
  const { visitor, ip, country, visit } = visitAt(seed, index);
  const page = `/posts/${pageAt(dice(5))}`;
  const good = {
    event_id: `e${seed}-${index}`,
    ...actionAt(dice(6), dice(7)),
    ...visitor,
    session_id: visit,
    // Some senders write times as text.
    timestamp: dice(8) < 0.2 ? new Date(timestamp).toISOString() : timestamp,
    context: { ip, page, user_agent: 'Mozilla/5.0', locale: 'en' },
  };
  if (Math.floor(dice(9) * badOneIn) > 0) {
    return { kind: 'good', rule: null, sent: good, timestamp, country };
  }
  const { sent, rule } = spoil(good, dice(10));
  return { kind: 'bad', rule, sent, timestamp, country };
}

function actionAt(share: number, amount: number) {
  if (share < 0.85) return { event_type: 'page_view', properties: {} };
  if (share < 0.95) return { event_type: 'search', properties: { query: 'stream processing' } };
  return { event_type: 'like', properties: { stars: 1 + Math.floor(amount * 5) } };
}

/** Whose event it is: visits take turns, and each has its user, who has an address. */
function visitAt(seed: number, index: number) {
  const turn = Math.floor(index / visitsAtOnce);
  const place = index % visitsAtOnce;
  // Visits do not begin all at once.
  const number = Math.floor((turn + place) / visitLength);
  const at = (turn + place) % visitLength;
  const id = number * visitsAtOnce + place;
  const length = 1 + Math.floor(uniform(seed, id, 20) * visitLength);
  // After the end of a visit those come who see one page and leave.
  const visit = at < length ? `v${id}` : `v${id}-${at}`;
  const who = at < length ? id : id * visitLength + at + 1_000_000_000;
  const user = userAt(uniform(seed, who, 21));
  const isKnown = uniform(seed, user, 22) < 0.6;
  const visitor = isKnown ? { user_id: `user-${user}` } : { anonymous_id: `device-${user}` };
  const rank = countryAt(uniform(seed, user, 23));
  const host = 1 + Math.floor(uniform(seed, user, 24) * 250);
  return { visit, visitor, ...addressAt(rank, host, uniform(seed, user, 25)) };
}

/** So many of them; null: without end. */
export function platformEvents(seed: number, count: number | null): RowSource {
  return generatedRows({
    name: `content-events:${seed}`,
    count,
    rowAt: (index) => rowAt(seed, index),
  });
}
