import type { CalendarWindows } from './calendar.ts';
import { type Duration, durationMs } from './duration.ts';
import { ConfigError } from './errors.ts';
import { given } from './given.ts';
import type { UnlimitedWindows } from './unlimited.ts';

/** A key inside a window, half-open: `startMs <= t < endMs`, epoch milliseconds. */
export interface Windowed<K> {
  readonly key: K;
  readonly startMs: number;
  readonly endMs: number;
}

/** Windows that time alone defines, whatever records there are. */
export type TimeWindows = FixedWindows | CalendarWindows | UnlimitedWindows;

/** Fixed-size windows whose starts are the multiples of `everyMs`; tumbling if that is the size. */
export interface FixedWindows {
  readonly kind: 'tumbling' | 'hopping';
  readonly sizeMs: number;
  readonly everyMs: number;
  readonly graceMs: number;
}

export interface TumblingOptions {
  /** How long after its end a window still takes records, in stream time. */
  readonly grace: Duration;
}

export interface HoppingOptions extends TumblingOptions {
  /** The distance of two window starts; at most the size. */
  readonly every: Duration;
}

/**
 * Windows of one size that do not overlap; each starts at a multiple of the size.
 *
 * @example
 * ```ts
 * const starts: number[] = [];
 * const builder = new TopologyBuilder('docs');
 * builder
 *   .stream('views', { key: string(), value: string() })
 *   .groupByKey()
 *   .windowedBy(tumbling('10ms', { grace: 0 }))
 *   .count({ name: 'counts' })
 *   .toStream()
 *   .forEach((_, window) => void starts.push(window.startMs));
 * const driver = new TopologyTestDriver(builder.build());
 * driver.send('views', { key: 'a', value: '/', timestamp: 12 });
 * starts; // => [10]
 * ```
 * @throws {ConfigError} `BAD_WINDOW` if the size is 0; `BAD_DURATION`.
 */
export function tumbling(size: Duration, options: TumblingOptions): FixedWindows {
  const { grace } = given(options);
  const sizeMs = positive('size', size);
  return Object.freeze({
    kind: 'tumbling',
    sizeMs,
    everyMs: sizeMs,
    graceMs: durationMs(grace, 'grace'),
  });
}

/**
 * Windows of one size that overlap; one starts at each multiple of `every`.
 *
 * @example
 * ```ts
 * const starts: number[] = [];
 * const builder = new TopologyBuilder('docs');
 * builder
 *   .stream('views', { key: string(), value: string() })
 *   .groupByKey()
 *   .windowedBy(hopping('10ms', { every: '5ms', grace: 0 }))
 *   .count({ name: 'counts' })
 *   .toStream()
 *   .forEach((_, window) => void starts.push(window.startMs));
 * const driver = new TopologyTestDriver(builder.build());
 * driver.send('views', { key: 'a', value: '/', timestamp: 12 });
 * starts; // => [5, 10]
 * ```
 * @throws {ConfigError} `BAD_WINDOW` unless `0 < every <= size`; `BAD_DURATION`.
 */
export function hopping(size: Duration, options: HoppingOptions): FixedWindows {
  const { every, grace } = given(options);
  const sizeMs = positive('size', size);
  const everyMs = positive('every', every);
  if (everyMs > sizeMs) {
    throw new ConfigError(
      'BAD_WINDOW',
      `every (${everyMs} ms) is above the size (${sizeMs} ms), so windows would have gaps: take less.`,
    );
  }
  return Object.freeze({ kind: 'hopping', sizeMs, everyMs, graceMs: durationMs(grace, 'grace') });
}

/** @throws {ConfigError} `BAD_WINDOW` if the duration is 0; `BAD_DURATION`. */
export function positive(name: string, duration: Duration): number {
  const ms = durationMs(duration, name);
  if (ms > 0) return ms;
  throw new ConfigError('BAD_WINDOW', `${name} must be above 0.`);
}
