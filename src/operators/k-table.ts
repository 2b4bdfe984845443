import type { Handle } from './internal/handle.ts';
import type {
  Defined,
  KnownSerdes,
  KnownValueFrom,
  Needing,
  SerdesKnown,
  ValueSerdeOption,
} from './internal/serdes.ts';
import { KGroupedTable } from './k-grouped-table.ts';
import type { KStream } from './k-stream.ts';
import { suppress, type SuppressOptions } from './suppress.ts';
import { tableFilter, type TablePredicate } from './table-filter.ts';
import { type GroupSelector, tableGroupBy, type TableGroupByOptions } from './table-group-by.ts';
import { tableMapValues, type TableMapper } from './table-map-values.ts';
import { toStream } from './to-stream.ts';

/** A table: one row per key, and the stream of its changes. `Of` tells which serdes are known. */
export class KTable<K, V, Of extends KnownSerdes = SerdesKnown> {
  /** @internal */
  constructor(
    /** @internal */
    readonly handle: Handle,
  ) {}

  /**
   * Keeps the rows for which the predicate holds; a row that stops to fit is deleted.
   *
   * Emits: `(f(old) → f(new))` for each change, except from nothing to nothing.
   * State: none; a lookup asks the parent and the predicate again.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const scores = builder.table('scores', { name: 'scores', key: string(), value: number() });
   * scores.filter((score) => score >= 5).toStream().to('good');
   * const driver = new TopologyTestDriver(builder.build());
   * for (const value of [1, 7, 2, 3]) driver.send('scores', { key: 'ann', value });
   * driver.read('good').map(({ value }) => value); // => [7, null]
   * ```
   */
  filter<VOut extends V>(predicate: (value: V, key: K) => value is VOut): KTable<K, VOut, Of>;
  filter(predicate: TablePredicate<K, V>): KTable<K, V, Of>;
  filter(predicate: TablePredicate<K, V>): KTable<K, V, Of> {
    return new KTable(tableFilter(this.handle, predicate));
  }

  /**
   * A table with each value turned into another; `null` stands for no row.
   *
   * Emits: `(f(old) → f(new))` for each change, except from nothing to nothing.
   * State: none; a lookup asks the parent and the mapper again.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const names = builder.table('names', { name: 'names', key: string(), value: string() });
   * names.mapValues((name) => name.length, { value: int64() }).toStream().to('lengths');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('names', [{ key: '1', value: 'Ann' }, { key: '1', value: null }]);
   * driver.read('lengths').map(({ value }) => value); // => [3, null]
   * ```
   * @throws {ProcessingError} while it runs: `UNDEFINED_VALUE`.
   */
  mapValues<VOut extends Defined, Options extends ValueSerdeOption<VOut> = object>(
    mapper: TableMapper<K, V, VOut>,
    options?: Options,
  ): KTable<K, NonNullable<VOut>, KnownValueFrom<Of, Options>> {
    return new KTable(tableMapValues(this.handle, mapper, options));
  }

  /**
   * Folds the changes of a key: for a time after the first one, or until its window closes.
   *
   * Emits: with `{ for }` one change at the timestamp of the key's first change and that time; with
   * `{ until: 'close' }` one row per key and window, once it has closed. What came and went
   * meanwhile shows nothing.
   * State: for each key that waits, its row as last forwarded and as it is now, in the store
   * `name`; after `{ for }`, the time of the row until it is deleted or its window closes. With
   * `maxKeys` at most so many keys wait in a task; `name` then has two small stores more.
   * Time: stream time; what is due leaves before the record that makes it due is taken. A change
   * has the timestamp of the last one folded in.
   * Restart: leaves no trace; what waits comes back from the changelog.
   * Rule: Kafka Streams' `Suppressed`; the differences are in `docs/SEMANTICS.md`. A full buffer
   * sends the key off that came first, by arrival.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const prices = builder.table('prices', { name: 'prices', key: string(), value: number() });
   * prices.suppress({ name: 'calm', for: 10 }).toStream().to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * for (const [value, timestamp] of [[3, 0], [4, 9], [5, 10]] as const) {
   *   driver.send('prices', { key: 'gold', value, timestamp });
   * }
   * driver.read('out').map(({ value, timestamp }) => [value, timestamp]); // => [[4, 9]]
   * ```
   * @example Only final counts leave.
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const views = builder.stream('views', { key: string(), value: string() }).groupByKey();
   * const counts = views.windowedBy(tumbling(10, { grace: 0 })).count({ name: 'counts' });
   * const final = counts.filter((count) => count > 1).suppress({ name: 'final', until: 'close' });
   * final.toStream().to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * for (const timestamp of [1, 2, 3, 10, 20]) {
   *   driver.send('views', { key: 'a', value: '/', timestamp });
   * }
   * driver.read('out').map(({ value }) => value); // => [3]
   * ```
   * @throws {ConfigError} `BAD_OPTION` if `maxKeys` is no bound, or the table knows of no window
   * that closes; `BAD_DURATION`.
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME` if another node or store is called
   * `name`.
   * @throws {ProcessingError} while it runs: `SUPPRESS_FULL` where `whenFull` is `'fail'`.
   */
  suppress(options: Needing<K, V, Of, SuppressOptions<K>>): KTable<K, V> {
    return new KTable(suppress<K, V>(this.handle, options));
  }

  /**
   * Groups the rows by a key that the selector gives, and gives each group a value for the row,
   * through an internal topic called after `name`.
   *
   * Emits: a change as one record where its old and new row have one group; else the old half goes
   * to the group that the row leaves, then the new half to the one it enters.
   * Drops: `null-key` and `null-value`, where the selector gave null: that half is left out.
   * Rule: the halves of a move become visible at different moments, and groups are read in order
   * per task of the table only. What takes values in and out again must commute and undo each
   * other.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const users = builder.table('users', { name: 'users', key: string(), value: string() });
   * users
   *   .groupBy((team, user) => ({ key: team, value: user }), {
   *     name: 'by-team',
   *     key: string(),
   *     value: string(),
   *   })
   *   .count({ name: 'members' })
   *   .toStream()
   *   .to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * for (const value of ['red', 'blue']) driver.send('users', { key: 'ann', value });
   * driver.read('out').map(({ key, value }) => [key, value]);
   * // => [['red', 1], ['red', 0], ['blue', 1]]
   * ```
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME`, `BAD_NAME`.
   * @throws {ProcessingError} while it runs: `UNDEFINED_VALUE`.
   */
  groupBy<KOut extends Defined, VOut extends Defined>(
    selector: GroupSelector<K, V, KOut, VOut>,
    options: TableGroupByOptions<KOut, VOut>,
  ): KGroupedTable<NonNullable<KOut>, NonNullable<VOut>, K> {
    return new KGroupedTable(tableGroupBy(this.handle, selector, options));
  }

  /**
   * The stream of the table's new values; a delete is a record with the value `null`.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const names = builder.table('names', { name: 'names', key: string(), value: string() });
   * names.toStream().to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('names', [{ key: '1', value: 'Ann' }, { key: '1', value: null }]);
   * driver.read('out').map(({ key, value }) => [key, value]); // => [['1', 'Ann'], ['1', null]]
   * ```
   */
  toStream(): KStream<K, V | null, Of> {
    return this.handle.draft.handles.stream(toStream<K, V>(this.handle));
  }
}
