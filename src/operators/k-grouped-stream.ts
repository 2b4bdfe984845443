import type { SessionWindows } from '../core/model/session-windows.ts';
import type { SlidingWindows } from '../core/model/sliding-windows.ts';
import type { TimeWindows } from '../core/model/windows.ts';
import type { Ranked, Score } from '../core/serde/ranking.ts';
import { aggregate, type AggregateOptions } from './aggregate.ts';
import { CogroupedKStream } from './cogrouped-k-stream.ts';
import { count, type CountOptions } from './count.ts';
import type { CogroupInput } from './internal/cogrouped.ts';
import type { EmitPolicyOf } from './internal/emit.ts';
import { countDistinct, type CountDistinctOptions } from './count-distinct.ts';
import type { IdSelector } from './internal/distinct-ids.ts';
import type { Handle } from './internal/handle.ts';
import type { Defined } from './internal/serdes.ts';
import type { Aggregator, Reducer } from './internal/steps.ts';
import type { KTable } from './k-table.ts';
import { reduce, type ReduceOptions } from './reduce.ts';
import { SessionWindowedKStream } from './session-windowed-k-stream.ts';
import { TimeWindowedKStream } from './time-windowed-k-stream.ts';
import { topN, type TopNOptions } from './top-n.ts';

/** A stream whose records lie where their keys say, ready to be aggregated. */
export class KGroupedStream<K, V> {
  /** @internal */
  constructor(
    /** @internal */
    readonly handle: Handle,
  ) {}

  /**
   * Counts the records of each key.
   *
   * Emits: with `onUpdate()` the new count for each record; `onCommit()` and `every()` fold.
   * State: one number per key in the store `name`, for ever.
   * Time: a row has the greatest timestamp of its records, whatever order they came in.
   * Drops: `null-key`; `null-value`.
   * Restart: leaves no trace; under `'at-least-once'` replayed records may count twice.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const clicks = builder.stream('clicks', { key: string(), value: string() }).groupByKey();
   * clicks.count({ name: 'counts' }).toStream().to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * for (const key of ['ann', 'bob', 'ann']) driver.send('clicks', { key, value: '/a' });
   * driver.read('out').map(({ key, value }) => [key, value]);
   * // => [['ann', 1], ['bob', 1], ['ann', 2]]
   * ```
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME` if another node or store is called
   * `name`.
   * @throws {ProcessingError} while it runs: `OVERFLOW` above 2^53 - 1.
   */
  count(options: CountOptions): KTable<K, number> {
    return this.handle.draft.handles.table(count(this.handle, options));
  }

  /**
   * Counts the different ids that the records of each key have, exactly, or with `precision` about.
   *
   * Emits: with `onUpdate()` the new count for each record that changes it; `onCommit()` and
   * `every()` fold. A record that changes nothing leaves the row, its timestamp too.
   * State: one number per key in the store `name`; one entry per key and id in `<name>-ids`, or one
   * row of registers per key in `<name>-registers`: at most 2^precision bytes, 3 per id while few.
   * Time: a row has the greatest timestamp of the records that changed it.
   * Drops: `null-key`; `null-value`, also where `by` returns null.
   * Restart: leaves no trace, under `'at-least-once'` too: an id counts once.
   * Rule: ids are the same if their bytes are. With `precision` HyperLogLog over the first 64 bits
   * of MurmurHash3_x64_128 of the bytes: standard error `1.04 / sqrt(2^precision)`, the same number
   * in whatever order ids come.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const visits = builder.stream('visits', { key: string(), value: json<{ user: string }>() });
   * visits
   *   .groupByKey()
   *   .countDistinct((visit) => visit.user, { name: 'visitors', id: string() })
   *   .toStream()
   *   .to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * for (const user of ['ann', 'ann', 'bob']) {
   *   driver.send('visits', { key: '/a', value: { user } });
   * }
   * driver.read('out').map(({ value }) => value); // => [1, 2]
   * ```
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME` if another node or store is called
   * `name`; `BAD_OPTION` for a `precision` that is no whole number from 4 to 18.
   * @throws {ProcessingError} while it runs: `UNDEFINED_VALUE`, a forgotten `return` in `by`.
   */
  countDistinct<Id extends Defined>(
    by: IdSelector<K, V, Id>,
    options: CountDistinctOptions<Id>,
  ): KTable<K, number> {
    return this.handle.draft.handles.table(countDistinct(this.handle, by, options));
  }

  /**
   * Combines the values of each key; the first value is the row, and the reducer is not called for
   * it.
   *
   * Emits: with `onUpdate()` the new row for each record; `onCommit()` and `every()` fold.
   * State: one row per key in the store `name`; a reducer that returns `null` deletes it.
   * Time: a row has the greatest timestamp of its records, whatever order they came in.
   * Drops: `null-key`; `null-value`.
   * Restart: leaves no trace; under `'at-least-once'` replayed records may count twice.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const scores = builder.stream('scores', { key: string(), value: number() }).groupByKey();
   * scores.reduce((best, score) => Math.max(best, score), { name: 'best' }).toStream().to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * for (const value of [3, 9, 1]) driver.send('scores', { key: 'ann', value });
   * driver.read('out').map(({ value }) => value); // => [3, 9, 9]
   * ```
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME` if another node or store is called
   * `name`.
   * @throws {ProcessingError} while it runs: `UNDEFINED_VALUE`.
   */
  reduce(reducer: Reducer<V>, options: ReduceOptions<V>): KTable<K, V> {
    return this.handle.draft.handles.table(reduce(this.handle, reducer, options));
  }

  /**
   * Folds the values of each key into an aggregate that starts from the initializer.
   *
   * Emits: with `onUpdate()` the new row for each record; `onCommit()` and `every()` fold.
   * State: one row per key in the store `name`; an aggregator that returns `null` deletes it.
   * Time: a row has the greatest timestamp of its records, whatever order they came in.
   * Drops: `null-key`; `null-value`.
   * Restart: leaves no trace; under `'at-least-once'` replayed records may count twice.
   *
   * @example The aggregate is never mutated: a new one is returned.
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * builder
   *   .stream('clicks', { key: string(), value: string() })
   *   .groupByKey()
   *   .aggregate({
   *     name: 'path',
   *     initializer: (): readonly string[] => [],
   *     aggregator: (path, page) => (page === '/logout' ? null : [...path, page]),
   *     value: json<readonly string[]>(),
   *   })
   *   .toStream()
   *   .to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * for (const value of ['/a', '/b', '/logout']) driver.send('clicks', { key: 'ann', value });
   * driver.read('out').map(({ value }) => value); // => [['/a'], ['/a', '/b'], null]
   * ```
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME` if another node or store is called
   * `name`.
   * @throws {ProcessingError} while it runs: `UNDEFINED_VALUE`, a forgotten `return`.
   */
  aggregate<A extends Defined>(options: AggregateOptions<K, V, A>): KTable<K, NonNullable<A>> {
    return this.handle.draft.handles.table(aggregate(this.handle, options));
  }

  /**
   * The n records of each key with the greatest scores, best first; of equal scores the earlier
   * arrival. A record that is not among them changes nothing.
   *
   * Emits: with `onUpdate()` the new list for each record that enters it; `onCommit()` and
   * `every()` fold.
   * State: one list of at most n values and scores per key in the store `name`, for ever.
   * Time: a row has the greatest timestamp of the records that entered it, whatever order they
   * came in.
   * Drops: `null-key`; `null-value`.
   * Restart: leaves no trace; under `'at-least-once'` replayed records may enter twice.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const bids = builder.stream('bids', { key: string(), value: number() }).groupByKey();
   * bids.topN(2, { name: 'best', by: (bid) => bid }).toStream().to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * for (const value of [5, 9, 1, 7]) driver.send('bids', { key: 'lot', value });
   * const lists = driver.read<string, readonly Ranked<number>[]>('out').map(({ value }) => value);
   * lists.map((list) => list?.map(({ score }) => score)); // => [[5], [9, 5], [9, 7]]
   * ```
   * @throws {ConfigError} `BAD_OPTION` unless n is a whole number from 1 to 10 000.
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME` if another node or store is called
   * `name`.
   * @throws {ProcessingError} while it runs: `BAD_SCORE`, no finite number and no bigint.
   */
  topN<S extends Score>(
    n: number,
    options: TopNOptions<K, V, S>,
  ): KTable<K, readonly Ranked<V, S>[]> {
    return this.handle.draft.handles.table(topN(this.handle, n, options));
  }

  /**
   * Begins an aggregate over several grouped streams: what the values of this one do to it. The
   * other streams follow with `cogroup(other, aggregator)`, then `aggregate(...)`.
   *
   * @example One row of two streams, without a join.
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const clicks = builder.stream('clicks', { key: string(), value: string() }).groupByKey();
   * const buys = builder.stream('buys', { key: string(), value: number() }).groupByKey();
   * clicks
   *   .cogroup((score: number) => score + 1)
   *   .cogroup(buys, (score, pieces) => score + 10 * pieces)
   *   .aggregate({ name: 'scores', initializer: () => 0, value: int64() })
   *   .toStream()
   *   .to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('clicks', { key: 'ann', value: '/a' });
   * driver.send('buys', { key: 'ann', value: 2 });
   * driver.read('out').map(({ value }) => value); // => [1, 21]
   * ```
   */
  cogroup<A extends Defined>(
    aggregator: Aggregator<K, V, A>,
  ): CogroupedKStream<K, V, NonNullable<A>> {
    const input = { grouped: this.handle, aggregator } as CogroupInput; // of this key and value
    return new CogroupedKStream([input]);
  }

  /**
   * Cuts the groups into windows: the aggregations behind it have one row per key and window.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const clicks = builder.stream('clicks', { key: string(), value: string() }).groupByKey();
   * const perMinute = clicks.windowedBy(tumbling('1 minute', { grace: '10s' }));
   * perMinute.count({ name: 'per-minute', emit: onClose() }).toStream().to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * for (const timestamp of [0, 69_999, 70_000]) {
   *   driver.send('clicks', { key: 'ann', value: '/a', timestamp });
   * }
   * driver.read<Windowed<string>, number>('out').map(({ key, value }) => [key.endMs, value]);
   * // => [[60_000, 1]]
   * ```
   */
  windowedBy(windows: SessionWindows): SessionWindowedKStream<K, V>;
  windowedBy<Windows extends TimeWindows | SlidingWindows>(
    windows: Windows,
  ): TimeWindowedKStream<K, V, EmitPolicyOf<Windows>>;
  windowedBy(
    windows: TimeWindows | SlidingWindows | SessionWindows,
  ): TimeWindowedKStream<K, V> | SessionWindowedKStream<K, V> {
    return windows.kind === 'session'
      ? new SessionWindowedKStream<K, V>(this.handle, windows)
      : new TimeWindowedKStream<K, V>(this.handle, windows);
  }
}
