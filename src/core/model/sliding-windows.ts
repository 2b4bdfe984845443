import { type Duration, durationMs } from './duration.ts';
import { given } from './given.ts';

/** One window for each distinct set of a key's records that lie at most `differenceMs` apart. */
export interface SlidingWindows {
  readonly kind: 'sliding';
  readonly differenceMs: number;
  readonly graceMs: number;
}

export interface SlidingOptions {
  /** How long after its end a window still takes records, in stream time. */
  readonly grace: Duration;
}

/**
 * Windows of one size that follow the records: one ends with each record, and one starts behind
 * each that is followed by another. Two records lie in one window if they are at most `difference`
 * apart. `endMs` is the start, the difference and one, for both ends belong to the window.
 *
 * @example
 * ```ts
 * const rows: unknown[] = [];
 * const builder = new TopologyBuilder('docs');
 * builder
 *   .stream('views', { key: string(), value: string() })
 *   .groupByKey()
 *   .windowedBy(sliding('10ms', { grace: 0 }))
 *   .count({ name: 'counts' })
 *   .toStream()
 *   .forEach((count, { startMs, endMs }) => void rows.push([startMs, endMs, count]));
 * const driver = new TopologyTestDriver(builder.build());
 * for (const timestamp of [20, 25]) driver.send('views', { key: 'a', value: '/', timestamp });
 * rows; // => [[10, 21, 1], [15, 26, 2], [21, 32, 1]]
 * ```
 * @throws {ConfigError} `BAD_DURATION`.
 */
export function sliding(difference: Duration, options: SlidingOptions): SlidingWindows {
  const { grace } = given(options);
  return Object.freeze({
    kind: 'sliding',
    differenceMs: durationMs(difference, 'difference'),
    graceMs: durationMs(grace, 'grace'),
  });
}
