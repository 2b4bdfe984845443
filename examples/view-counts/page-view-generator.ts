import { uniform, zipf } from '../program/dice.ts';
import { generatedRows, type Row, type RowSource } from '../program/row-source.ts';
import { viewRow } from './view-row.ts';

const pageCount = 1000;
const startMs = Date.UTC(2020, 0, 1);
/** Mean distance of two views; 200,000 of them span about 67 minutes. */
const stepMs = 20;
const maxJitterMs = 5_000;
/** One view in so many comes ten minutes late, one row in so many is broken. */
const lateOneIn = 5_000;
const lateByMs = 600_000;
const brokenOneIn = 20_000;

const rankAt = zipf(pageCount);

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

/** So many of them; null: without end. */
export function generatedViews(seed: number, count: number | null): RowSource {
  return generatedRows({
    name: `generator:${seed}`,
    count,
    rowAt: (index) => pageViewAt(seed, index),
  });
}
