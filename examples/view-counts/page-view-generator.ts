import { type Row, viewRow } from './row.ts';

const pageCount = 1000;
const startMs = Date.UTC(2020, 0, 1);
/** Mean distance of two views; 200,000 of them span about 67 minutes. */
const stepMs = 20;
const maxJitterMs = 5_000;
/** One view in so many comes ten minutes late, one row in so many is broken. */
const lateOneIn = 5_000;
const lateByMs = 600_000;
const brokenOneIn = 20_000;

/** Cumulative weights of the pages: the page at rank r is viewed in proportion to 1 / r (Zipf). */
const cumulative = zipfWeights(pageCount);

/**
 * Page views as a function of seed and index alone, so that a restart goes on at any index: event
 * time advances evenly, a little out of order, with a few very late and a few broken rows.
 */
export function pageViewAt(seed: number, index: number): Row {
  const evenly = startMs + index * stepMs;
  const dice = (purpose: number) => uniform(seed, index, purpose);
  if (Math.floor(dice(1) * brokenOneIn) === 0) {
    return { key: null, value: '{"page":', timestamp: evenly };
  }
  const isLate = Math.floor(dice(2) * lateOneIn) === 0;
  const behindMs = isLate ? lateByMs : Math.floor(dice(3) * maxJitterMs);
  return viewRow(`/page/${rankAt(dice(4))}`, Math.max(startMs, evenly - behindMs));
}

function zipfWeights(count: number): Float64Array {
  const sums = new Float64Array(count);
  let sum = 0;
  for (let rank = 1; rank <= count; rank += 1) {
    sum += 1 / rank;
    sums[rank - 1] = sum;
  }
  return sums;
}

/** The first rank whose cumulative weight exceeds the share `at` of all weight. */
function rankAt(at: number): number {
  const wanted = at * (cumulative[pageCount - 1] ?? 0);
  let low = 0;
  let high = pageCount - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cumulative[middle] ?? 0) > wanted) high = middle;
    else low = middle + 1;
  }
  return low + 1;
}

/** Uniform in [0, 1): the finalizer of MurmurHash3 over the three numbers. */
function uniform(seed: number, index: number, purpose: number): number {
  let hash = Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul(index | 0, 0x85ebca6b);
  // Above 2^32 rows the index has more bits than one multiplication takes.
  hash ^= Math.imul(Math.floor(index / 0x1_0000_0000) + purpose, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000;
}
