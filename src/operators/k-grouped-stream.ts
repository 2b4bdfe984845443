import type { TimeWindows } from '../core/model/windows.ts';
import { aggregate, type AggregateOptions } from './aggregate.ts';
import { count, type CountOptions } from './count.ts';
import type { Handle } from './internal/handle.ts';
import type { Defined } from './internal/serdes.ts';
import type { Reducer } from './internal/steps.ts';
import type { KTable } from './k-table.ts';
import { reduce, type ReduceOptions } from './reduce.ts';
import { TimeWindowedKStream } from './time-windowed-k-stream.ts';

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
   * State: one number per key in the store `name`, for ever or until its `timeToLive` is over.
   * Time: a row has the greatest timestamp of its records, whatever order they came in.
   * Drops: `null-key`; `null-value`; `expired` with a time to live.
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
   * Combines the values of each key; the first value is the row, and the reducer is not called for
   * it.
   *
   * Emits: with `onUpdate()` the new row for each record; `onCommit()` and `every()` fold.
   * State: one row per key in the store `name`; a reducer that returns `null` deletes it, as does
   * `timeToLive`.
   * Time: a row has the greatest timestamp of its records, whatever order they came in.
   * Drops: `null-key`; `null-value`; `expired` with a time to live.
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
   * State: one row per key in the store `name`; an aggregator that returns `null` deletes it, as
   * does `timeToLive`.
   * Time: a row has the greatest timestamp of its records, whatever order they came in.
   * Drops: `null-key`; `null-value`; `expired` with a time to live.
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
  windowedBy(windows: TimeWindows): TimeWindowedKStream<K, V> {
    return new TimeWindowedKStream(this.handle, windows);
  }
}
