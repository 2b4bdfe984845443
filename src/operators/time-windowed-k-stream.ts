import type { SlidingWindows } from '../core/model/sliding-windows.ts';
import type { TimeWindows, Windowed } from '../core/model/windows.ts';
import type { Ranked, Score } from '../core/serde/ranking.ts';
import type { WindowedEmitPolicy } from './internal/emit.ts';
import type { IdSelector } from './internal/distinct-ids.ts';
import type { Handle } from './internal/handle.ts';
import type { Defined } from './internal/serdes.ts';
import type { Reducer } from './internal/steps.ts';
import type { KTable } from './k-table.ts';
import { windowedAggregate, type WindowedAggregateOptions } from './windowed-aggregate.ts';
import { windowedCount, type WindowedCountOptions } from './windowed-count.ts';
import {
  windowedCountDistinct,
  type WindowedCountDistinctOptions,
} from './windowed-count-distinct.ts';
import { windowedReduce, type WindowedReduceOptions } from './windowed-reduce.ts';
import { windowedTopN, type WindowedTopNOptions } from './windowed-top-n.ts';

/**
 * A grouped stream cut into windows: its aggregations have one row per key and window. `Emit` tells
 * which emission policies fit the windows.
 */
export class TimeWindowedKStream<K, V, Emit extends WindowedEmitPolicy = WindowedEmitPolicy> {
  /** @internal */
  constructor(
    /** @internal */
    readonly handle: Handle,
    /** @internal */
    readonly windows: TimeWindows | SlidingWindows,
  ) {}

  /**
   * Counts the records of each key and window.
   *
   * Emits: with `onUpdate()` the new count for each accepted record; with `onClose()` one count per
   * window, once it has closed; `onCommit()` and `every()` fold.
   * State: one number per key and window in the window store `name`, until stream time reaches
   * `endMs + grace + retention`.
   * Time: windows are `[startMs, endMs)` in epoch milliseconds. A record advances stream time first
   * and is judged after. A row has the greatest timestamp of its records.
   * Drops: `null-key`; `null-value`; `late`, once stream time has reached `endMs + grace` of all
   * the record's windows; `before-window`, before the start of an unlimited one. With
   * `late: (stream) => ...` that stream gets late records as well.
   * Restart: leaves no trace; under `'at-least-once'` replayed records may count twice.
   * Rule: lateness as in Kafka Streams' `TimeWindows.ofSizeAndGrace`; the differences are in
   * `docs/SEMANTICS.md`, "Windows".
   *
   * @example Inside the grace a record still counts; at its end it does not.
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const clicks = builder.stream('clicks', { key: string(), value: number() }).groupByKey();
   * const perMinute = clicks.windowedBy(tumbling('60s', { grace: '10s' }));
   * perMinute.count({ name: 'counts', emit: onUpdate() }).toStream().to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * for (const timestamp of [0, 69_999, 5_000, 70_000, 6_000]) {
   *   driver.send('clicks', { key: 'ann', value: 1, timestamp });
   * }
   * driver.read<Windowed<string>, number>('out').map(({ key, value }) => [key.startMs, value]);
   * // => [[0, 1], [60_000, 1], [0, 2], [60_000, 2]]
   * driver.dropped('late'); // => 1
   * ```
   * @throws {ConfigError} `BAD_EMIT` for `onClose()` of a window that never closes; `BAD_DURATION`.
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME` if another node or store is called
   * `name`.
   * @throws {ProcessingError} while it runs: `OVERFLOW` above 2^53 - 1.
   */
  count(options: WindowedCountOptions<K, V, Emit>): KTable<Windowed<K>, number> {
    return this.handle.draft.handles.table(windowedCount(this.handle, this.windows, options));
  }

  /**
   * Counts the different ids that the records of each key and window have, exactly, or with
   * `precision` about.
   *
   * Emits: with `onUpdate()` the new count for each accepted record that changes it; with
   * `onClose()` one count per window, once it has closed; `onCommit()` and `every()` fold. A record
   * that changes nothing leaves the row, its timestamp too.
   * State: one number per key and window in the window store `name`, until stream time reaches
   * `endMs + grace + retention`; one entry per key, window and id in `<name>-ids`, or one row of
   * registers per key and window in `<name>-registers`, until the window closes.
   * Time: windows are `[startMs, endMs)` in epoch milliseconds. A record advances stream time first
   * and is judged after. A row has the greatest timestamp of the records that changed it.
   * Drops: `null-key`; `null-value`, also where `by` returns null; `late`, once stream time has
   * reached `endMs + grace` of all the record's windows. With `late: (stream) => ...` that stream
   * gets such records as well.
   * Restart: leaves no trace, under `'at-least-once'` too: an id counts once.
   * Rule: ids are the same if their bytes are. With `precision` HyperLogLog over the first 64 bits
   * of MurmurHash3_x64_128 of the bytes: standard error `1.04 / sqrt(2^precision)`, the same number
   * in whatever order ids come.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const visits = builder.stream('visits', { key: string(), value: json<{ user: string }>() });
   * const daily = visits.groupByKey().windowedBy(tumbling('1d', { grace: '1h' }));
   * const options = { name: 'visitors', id: string(), precision: 14, emit: onClose() };
   * daily.countDistinct((visit) => visit.user, options).toStream().to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * for (const [user, timestamp] of [['ann', 1], ['ann', 2], ['bob', 3], ['ann', 9e7]] as const) {
   *   driver.send('visits', { key: '/a', value: { user }, timestamp });
   * }
   * driver.read('out').map(({ value }) => value); // => [2]
   * ```
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME` if another node or store is called
   * `name`; `BAD_OPTION` for a `precision` that is no whole number from 4 to 18.
   * @throws {ProcessingError} while it runs: `UNDEFINED_VALUE`, a forgotten `return` in `by`.
   */
  countDistinct<Id extends Defined>(
    by: IdSelector<K, V, Id>,
    options: WindowedCountDistinctOptions<K, V, Id>,
  ): KTable<Windowed<K>, number> {
    const spec = { ...options, by };
    return this.handle.draft.handles.table(windowedCountDistinct(this.handle, this.windows, spec));
  }

  /**
   * Combines the values of each key and window; the first value is the row.
   *
   * Emits: with `onUpdate()` the new row for each accepted record; with `onClose()` one row per
   * window, once it has closed; `onCommit()` and `every()` fold.
   * State: one row per key and window in the window store `name`, until stream time reaches
   * `endMs + grace + retention`; a reducer that returns `null` deletes it.
   * Time: windows are `[startMs, endMs)` in epoch milliseconds. A record advances stream time first
   * and is judged after. A row has the greatest timestamp of its records.
   * Drops: `null-key`; `null-value`; `late`, once stream time has reached `endMs + grace` of all
   * the record's windows; `before-window`, before the start of an unlimited one. With
   * `late: (stream) => ...` that stream gets late records as well.
   * Restart: leaves no trace; under `'at-least-once'` replayed records may count twice.
   * Rule: lateness as in Kafka Streams' `TimeWindows.ofSizeAndGrace`; the differences are in
   * `docs/SEMANTICS.md`, "Windows".
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const scores = builder.stream('scores', { key: string(), value: number() }).groupByKey();
   * const best = scores.windowedBy(hopping(10, { every: 5, grace: 0 }));
   * best.reduce((a, b) => Math.max(a, b), { name: 'best', emit: onClose() }).toStream().to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('scores', { key: 'ann', value: 3, timestamp: 7 });
   * driver.send('scores', { key: 'ann', value: 9, timestamp: 8 });
   * driver.send('scores', { key: 'ann', value: 1, timestamp: 15 });
   * driver.read<Windowed<string>, number>('out').map(({ key, value }) => [key.startMs, value]);
   * // => [[0, 9], [5, 9]]
   * ```
   * @throws {ConfigError} `BAD_EMIT` for `onClose()` of a window that never closes; `BAD_DURATION`.
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME` if another node or store is called
   * `name`.
   * @throws {ProcessingError} while it runs: `UNDEFINED_VALUE`; sliding: `NULL_AGGREGATE`.
   */
  reduce(reducer: Reducer<V>, options: WindowedReduceOptions<K, V, Emit>): KTable<Windowed<K>, V> {
    const spec = { ...options, reducer };
    return this.handle.draft.handles.table(windowedReduce(this.handle, this.windows, spec));
  }

  /**
   * Folds the values of each key and window into an aggregate that starts from the initializer.
   *
   * Emits: with `onUpdate()` the new row for each accepted record; with `onClose()` one row per
   * window, once it has closed; `onCommit()` and `every()` fold.
   * State: one row per key and window in the window store `name`, until stream time reaches
   * `endMs + grace + retention`; an aggregator that returns `null` deletes it, and it emits
   * nothing.
   * Time: windows are `[startMs, endMs)` in epoch milliseconds. A record advances stream time first
   * and is judged after. A row has the greatest timestamp of its records.
   * Drops: `null-key`; `null-value`; `late`, once stream time has reached `endMs + grace` of all
   * the record's windows; `before-window`, before the start of an unlimited one. With
   * `late: (stream) => ...` that stream gets late records as well.
   * Restart: leaves no trace; under `'at-least-once'` replayed records may count twice.
   * Rule: lateness as in Kafka Streams' `TimeWindows.ofSizeAndGrace`; the differences are in
   * `docs/SEMANTICS.md`, "Windows".
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * builder
   *   .stream('prices', { key: string(), value: number() })
   *   .groupByKey()
   *   .windowedBy(tumbling(10, { grace: 0 }))
   *   .aggregate({
   *     name: 'range',
   *     initializer: () => [Infinity, -Infinity] as const,
   *     aggregator: ([min, max], price) => [Math.min(min, price), Math.max(max, price)] as const,
   *     value: json<readonly [number, number]>(),
   *     emit: onClose(),
   *   })
   *   .toStream()
   *   .to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * for (const [value, timestamp] of [[5, 1], [3, 2], [7, 10]] as const) {
   *   driver.send('prices', { key: 'gold', value, timestamp });
   * }
   * driver.read('out').map(({ value }) => value); // => [[3, 5]]
   * ```
   * @throws {ConfigError} `BAD_EMIT` for `onClose()` of a window that never closes; `BAD_DURATION`.
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME` if another node or store is called
   * `name`.
   * @throws {ProcessingError} while it runs: `UNDEFINED_VALUE`, a forgotten `return`.
   */
  aggregate<A extends Defined>(
    options: WindowedAggregateOptions<K, V, A, Emit>,
  ): KTable<Windowed<K>, NonNullable<A>> {
    return this.handle.draft.handles.table(windowedAggregate(this.handle, this.windows, options));
  }

  /**
   * The n records of each key and window with the greatest scores, best first; of equal scores the
   * earlier arrival. A record that is not among them changes nothing.
   *
   * Emits: with `onUpdate()` the new list for each accepted record and window whose list it enters;
   * with `onClose()` one list per window, once it has closed; `onCommit()` and `every()` fold.
   * State: one list of at most n values and scores per key and window in the window store `name`,
   * until stream time reaches `endMs + grace + retention`.
   * Time: windows are `[startMs, endMs)` in epoch milliseconds. A record advances stream time first
   * and is judged after. A row has the greatest timestamp of the records that entered it.
   * Drops: `null-key`; `null-value`; `late`, once stream time has reached `endMs + grace` of all
   * the record's windows. With `late: (stream) => ...` that stream gets such records as well.
   * Restart: leaves no trace; under `'at-least-once'` replayed records may enter twice.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * builder
   *   .stream('bids', { key: string(), value: number() })
   *   .groupByKey()
   *   .windowedBy(tumbling(10, { grace: 0 }))
   *   .topN(1, { name: 'best', by: (bid) => bid, emit: onClose() })
   *   .toStream()
   *   .to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * for (const [value, timestamp] of [[5, 1], [9, 2], [1, 10]] as const) {
   *   driver.send('bids', { key: 'lot', value, timestamp });
   * }
   * driver.read('out').map(({ value }) => value); // => [[{ value: 9, score: 9 }]]
   * ```
   * @throws {ConfigError} `BAD_OPTION` unless n is a whole number from 1 to 10 000.
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME` if another node or store is called
   * `name`.
   * @throws {ProcessingError} while it runs: `BAD_SCORE`, no finite number and no bigint.
   */
  topN<S extends Score>(
    n: number,
    options: WindowedTopNOptions<K, V, S>,
  ): KTable<Windowed<K>, readonly Ranked<V, S>[]> {
    const { draft } = this.handle;
    return draft.handles.table(windowedTopN(this.handle, this.windows, { ...options, n }));
  }
}
