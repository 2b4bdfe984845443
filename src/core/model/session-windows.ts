import { type Duration, durationMs } from './duration.ts';
import { given } from './given.ts';
import { positive } from './windows.ts';

/** Windows that a key's records make themselves: each is at most `gapMs` from the one before. */
export interface SessionWindows {
  readonly kind: 'session';
  readonly gapMs: number;
  readonly graceMs: number;
}

export interface SessionOptions {
  /** How long after its gap a session still takes records, in stream time. */
  readonly grace: Duration;
}

/**
 * Windows from the first to the last record of a key between two pauses longer than `gap`; a record
 * between two of them merges them. `endMs` is the last record's time and one.
 *
 * @example
 * ```ts
 * const builder = new TopologyBuilder('docs');
 * builder
 *   .stream('views', { key: string(), value: string() })
 *   .groupByKey()
 *   .windowedBy(session('30s', { grace: 0 }))
 *   .count({ name: 'visits', emit: onClose() })
 *   .toStream()
 *   .to('out');
 * const driver = new TopologyTestDriver(builder.build());
 * for (const timestamp of [0, 20_000, 90_000]) {
 *   driver.send('views', { key: 'ann', value: '/', timestamp });
 * }
 * driver.read<Windowed<string>, number>('out').map(({ key, value }) => [key.endMs, value]);
 * // => [[20_001, 2]]
 * ```
 * @throws {ConfigError} `BAD_WINDOW` if the gap is 0; `BAD_DURATION`.
 */
export function session(gap: Duration, options: SessionOptions): SessionWindows {
  const { grace } = given(options);
  return Object.freeze({
    kind: 'session',
    gapMs: positive('gap', gap),
    graceMs: durationMs(grace, 'grace'),
  });
}
