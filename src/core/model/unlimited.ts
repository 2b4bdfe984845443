import { isTime } from './duration.ts';
import { ConfigError } from './errors.ts';
import { given } from './given.ts';

/** The end of a window that never ends: no timestamp reaches it. */
export const noEndMs = Number.MAX_SAFE_INTEGER;

/** One window, from an instant on. */
export interface UnlimitedWindows {
  readonly kind: 'unlimited';
  readonly fromMs: number;
  /** A window that never ends needs none. */
  readonly graceMs: 0;
}

export interface UnlimitedOptions {
  /** Epoch milliseconds; records before are dropped as `before-window`. */
  readonly from: number;
}

/**
 * One window that starts at `from` and never ends: its `endMs` is `Number.MAX_SAFE_INTEGER`. It
 * never closes, so nothing is late and `onClose()` does not fit.
 *
 * @example
 * ```ts
 * const builder = new TopologyBuilder('docs');
 * const views = builder.stream('views', { key: string(), value: string() }).groupByKey();
 * const since = views.windowedBy(unlimited({ from: 100 }));
 * since.count({ name: 'counts' }).toStream().to('out');
 * const driver = new TopologyTestDriver(builder.build());
 * for (const timestamp of [100, 99, 50_000]) {
 *   driver.send('views', { key: 'a', value: '/', timestamp });
 * }
 * driver.read('out').map(({ value }) => value); // => [1, 2]
 * driver.dropped('before-window'); // => 1
 * ```
 * @throws {ConfigError} `BAD_WINDOW` unless `from` is a whole number from 0 to 8.64e15.
 */
export function unlimited(options: UnlimitedOptions): UnlimitedWindows {
  const { from } = given(options);
  if (!isTime(from)) {
    throw new ConfigError('BAD_WINDOW', `from (${from}) is no time: give epoch milliseconds.`);
  }
  return Object.freeze({ kind: 'unlimited', fromMs: from, graceMs: 0 });
}
