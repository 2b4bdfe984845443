import { type Duration, durationMs } from '../../core/model/duration.ts';
import { countPages, pageAt, type RecordPages } from './record-pages.ts';
import type { StoredRecord } from './stored-record.ts';
import { bucketEnd, checkReach } from './time-bounds.ts';

/** How far apart the records of a pair may be, and how late a record may come. */
export interface StreamJoinBounds {
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly graceMs: number;
  /** The stretch of time whose rows of a key lie in one list. */
  readonly bucketMs: number;
}

export interface StreamJoinTimes {
  readonly before: Duration;
  readonly after: Duration;
  readonly grace: Duration;
}

/**
 * As many lists, and one more, are looked into for a record; each may be a look into the files.
 * With fewer, rows would stay for longer after they closed.
 */
const bucketsPerSpan = 2;

/** @throws {ConfigError} `BAD_DURATION`; `BAD_WINDOW` beyond what can be reckoned with. */
export function streamJoinBounds({ before, after, grace }: StreamJoinTimes): StreamJoinBounds {
  const [beforeMs, afterMs, graceMs] = [
    durationMs(before, 'before'),
    durationMs(after, 'after'),
    durationMs(grace, 'grace'),
  ];
  checkReach('before, after and grace together', beforeMs, afterMs, graceMs);
  const bucketMs = Math.ceil((beforeMs + afterMs + 1) / bucketsPerSpan);
  return { beforeMs, afterMs, graceMs, bucketMs };
}

/** The rows of one side, by key and bucket of their end: `timestamp + reachMs + 1`. */
export interface StreamJoinSide<K, V> {
  readonly store: RecordPages<K, V>;
  readonly bounds: StreamJoinBounds;
  /** How much later than a row a record of the other side may be to meet it. */
  readonly reachMs: number;
  /** Whether its rows leave unmatched, so that it has to be known which are. */
  readonly isWanted: boolean;
}

/** From when on no record of the other side can meet the row, but for the grace. */
export function endOf<K, V>({ reachMs }: StreamJoinSide<K, V>, timestamp: number): number {
  return timestamp + reachMs + 1;
}

export interface MatchRange<K> {
  readonly key: K;
  readonly timestamp: number;
  /** Rows that end up to here are closed. */
  readonly closedMs: number;
  readonly streamTimeMs: number;
}

/**
 * The open rows of the side that a record of the other one meets, by timestamp, then arrival; they
 * count as matched from now on. With `end = timestamp + reach + 1` a row is near enough iff `t <
 * end <= t + before + after + 1`, whichever side it is of: so both sides keep their rows by their
 * ends.
 */
export function takeMatches<K, V>(
  side: StreamJoinSide<K, V>,
  { key, timestamp, closedMs, streamTimeMs }: MatchRange<K>,
): readonly StoredRecord<V>[] {
  const { bounds, store } = side;
  const range = {
    above: Math.max(timestamp, closedMs),
    // No row is later than stream time, so there is nothing to find beyond.
    upTo: Math.min(timestamp + bounds.beforeMs + bounds.afterMs + 1, endOf(side, streamTimeMs)),
  };
  const { bucketMs } = bounds;
  const lastEnd = bucketEnd(bucketMs, range.upTo);
  const found: StoredRecord<V>[] = [];
  for (let end = bucketEnd(bucketMs, range.above + 1); end <= lastEnd; end += bucketMs) {
    const pages = countPages(store, key, end);
    for (let page = 0; page < pages; page++) {
      takeFromPage(side, { key, page, endMs: end }, range, found);
    }
  }
  if (!isInOrder(found)) found.sort((a, b) => a.timestamp - b.timestamp);
  return found;
}

interface EndRange {
  readonly above: number;
  readonly upTo: number;
}

function takeFromPage<K, V>(
  side: StreamJoinSide<K, V>,
  place: { readonly key: K; readonly page: number; readonly endMs: number },
  { above, upTo }: EndRange,
  found: StoredRecord<V>[],
): void {
  const { store, isWanted } = side;
  const { records, pages } = pageAt(store, place);
  let isNews = false;
  const isTaken = ({ timestamp }: StoredRecord<V>): boolean => {
    const end = endOf(side, timestamp);
    return end > above && end <= upTo;
  };
  for (const record of records) {
    if (!isTaken(record)) continue;
    found.push(record);
    isNews ||= !record.isMatched;
  }
  if (!isWanted || !isNews) return;
  const marked = records.map((record) =>
    isTaken(record) ? { ...record, isMatched: true } : record,
  );
  const { key, page, endMs } = place;
  const timestamp = marked.at(-1)?.timestamp ?? 0;
  store.put(key, page, endMs, { value: { pages, records: marked }, timestamp });
}

/** Mostly they came in order, and sorting would be needless. */
function isInOrder(found: readonly StoredRecord<unknown>[]): boolean {
  let last = 0;
  for (const { timestamp } of found) {
    if (timestamp < last) return false;
    last = timestamp;
  }
  return true;
}
