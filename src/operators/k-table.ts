import type { Joiner, TablePredicate } from './internal/callbacks.ts';
import type { Handle } from './internal/handle.ts';
import type {
  Defined,
  KnownSerdes,
  KnownValueFrom,
  Needing,
  Only,
  SerdesKnown,
  ValueSerdeOption,
} from './internal/serdes.ts';
import { KGroupedTable } from './k-grouped-table.ts';
import { historyOf } from './internal/table-node.ts';
import type { KStream } from './k-stream.ts';
import { suppress, type SuppressOptions } from './suppress.ts';
import { type GroupSelector, tableGroupBy, type TableGroupByOptions } from './table-group-by.ts';
import {
  type ForeignKeyJoin,
  foreignKeyJoin,
  type ForeignKeyJoinOptions,
} from './foreign-key-join.ts';
import { tableFilterNot } from './table-filter-not.ts';
import { tableFilter } from './table-filter.ts';
import { tableJoin, type TableJoinOptions } from './table-join.ts';
import { tableMapValues, type TableMapper } from './table-map-values.ts';
import { toStream } from './to-stream.ts';

/** Nothing fits where the table's serdes are not known: what it joins has to be kept. */
type KnownOnly<Of extends KnownSerdes, Options> = [Of] extends [SerdesKnown] ? Options : never;

/** The other side of a join, and what goes with it: the overloads say which fit together. */
type Joinable = Pick<KTable<never, never>, 'handle'>;
type AnyJoiner = Joiner<never, never, never, unknown>;
type AnyJoinOptions =
  TableJoinOptions<unknown> | ForeignKeyJoinOptions<never, never, unknown, unknown>;

/**
 * A table: one row per key, and the stream of its changes. `Of` tells which serdes are known,
 * `Versioned` whether it is known to keep versions.
 */
export class KTable<
  K,
  V,
  Of extends KnownSerdes = SerdesKnown,
  Versioned extends boolean = boolean,
> {
  /** @internal */
  constructor(
    /** @internal */
    readonly handle: Handle,
  ) {}

  /** Whether a join finds the row valid at its record's time. */
  get isVersioned(): Versioned {
    return (historyOf(this.handle.node) !== null) as Versioned; // what the node was made as
  }

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
  filter<VOut extends V>(
    predicate: (value: V, key: K) => value is VOut,
  ): KTable<K, VOut, Of, Versioned>;
  filter(predicate: TablePredicate<K, V>): KTable<K, V, Of, Versioned>;
  filter(predicate: TablePredicate<K, V>): KTable<K, V, Of, Versioned> {
    return new KTable(tableFilter(this.handle, predicate));
  }

  /**
   * Keeps the rows for which the predicate does not hold; a row that begins to fit it is deleted.
   *
   * Emits: as `filter`.
   * State: none; a lookup asks the parent and the predicate again.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const scores = builder.table('scores', { name: 'scores', key: string(), value: number() });
   * scores.filterNot((score) => score < 5).toStream().to('good');
   * const driver = new TopologyTestDriver(builder.build());
   * for (const value of [1, 7, 2, 3]) driver.send('scores', { key: 'ann', value });
   * driver.read('good').map(({ value }) => value); // => [7, null]
   * ```
   */
  filterNot(predicate: TablePredicate<K, V>): KTable<K, V, Of, Versioned> {
    return new KTable(tableFilterNot(this.handle, predicate));
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
  mapValues<VOut extends Defined, Options extends Only<ValueSerdeOption<VOut>, Options> = object>(
    mapper: TableMapper<K, V, VOut>,
    options?: Options,
  ): KTable<K, NonNullable<VOut>, KnownValueFrom<Of, Options>, Versioned> {
    return new KTable(tableMapValues(this.handle, mapper, options));
  }

  /**
   * Joins the rows of two tables by key, or each row with the other table's row of a foreign key.
   *
   * By key, both tables are partitioned alike; a row of the result needs a row of both. With
   * `foreignKey` the other table's key is what that function gives for a row: the tasks of both
   * tables share the work, through the topics `<application>-<name>-subscriptions` and
   * `<application>-<name>-answers`.
   *
   * Emits: `(f(l, r) → f(l', r))` for each change of either side, except from nothing to nothing.
   * State: by key none, unless it is named; with a foreign key the rows with their results, and the
   * subscribers of each row of the other table.
   * Time: the later of the change and the other row; with a foreign key of both rows, and a delete
   * of the other row counts as a row.
   * Drops: `null-foreign-key`, which also deletes the result.
   * Restart: goes on from the rows as last committed; messages under way are kept.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const serdes = { key: string(), value: string() };
   * const orders = builder.table('orders', { name: 'orders', ...serdes });
   * const people = builder.table('people', { name: 'people', ...serdes });
   * const joined = orders.join(people, (order, person) => `${order}, ${person}`, {
   *   name: 'orders-of-people',
   *   foreignKey: (order) => order.split(' for ')[1],
   *   value: string(),
   * });
   * joined.toStream().to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('orders', { key: 'o1', value: 'book for u1' });
   * driver.send('people', { key: 'u1', value: 'Ann' });
   * driver.read('out').map(({ key, value }) => [key, value]); // => [['o1', 'book for u1, Ann']]
   * ```
   * @throws {TopologyError} from `build()`: `TABLE_NOT_VISIBLE`; `NOT_COPARTITIONED`;
   * `SERDE_MISSING`; `INVALID_TOPOLOGY` for a table joined with itself by key; `NAME_MISSING` where
   * both sides come from one table, since their rows are then kept.
   * @throws {ProcessingError} while it runs: `UNDEFINED_VALUE`.
   */
  join<KOther, VOther, VOut extends Defined>(
    other: KTable<KOther, VOther>,
    joiner: Joiner<K, V, VOther, VOut>,
    options: KnownOnly<Of, ForeignKeyJoinOptions<K, V, KOther, VOut>>,
  ): KTable<K, NonNullable<VOut>>;
  join<
    VOther,
    VOut extends Defined,
    Options extends Only<TableJoinOptions<VOut>, Options> = object,
  >(
    other: KTable<K, VOther, KnownSerdes>,
    joiner: Joiner<K, V, VOther, VOut>,
    options?: Options,
  ): KTable<K, NonNullable<VOut>, KnownValueFrom<Of, Options>>;
  join(other: Joinable, joiner: AnyJoiner, options?: AnyJoinOptions): unknown {
    return new KTable(
      anyJoin(this.handle, { type: 'inner', other: other.handle, joiner }, options),
    );
  }

  /**
   * The same, where a row of the result needs a row of this table only.
   *
   * Emits: as `join`; the joiner gets `null` where the other table has no row.
   * State, Time, Restart: as `join`.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const names = builder.table('names', { name: 'names', key: string(), value: string() });
   * const cities = builder.table('cities', { name: 'cities', key: string(), value: string() });
   * const where = (name: string, city: string | null) => `${name}, ${city ?? 'somewhere'}`;
   * names.leftJoin(cities, where, { value: string() }).toStream().to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('names', { key: 'u1', value: 'Ann' });
   * driver.send('cities', { key: 'u1', value: 'Rome' });
   * driver.read('out').map(({ value }) => value); // => ['Ann, somewhere', 'Ann, Rome']
   * ```
   * @throws {TopologyError} from `build()`: as `join`.
   * @throws {ProcessingError} while it runs: `UNDEFINED_VALUE`.
   */
  leftJoin<KOther, VOther, VOut extends Defined>(
    other: KTable<KOther, VOther>,
    joiner: Joiner<K, V, VOther | null, VOut>,
    options: KnownOnly<Of, ForeignKeyJoinOptions<K, V, KOther, VOut>>,
  ): KTable<K, NonNullable<VOut>>;
  leftJoin<
    VOther,
    VOut extends Defined,
    Options extends Only<TableJoinOptions<VOut>, Options> = object,
  >(
    other: KTable<K, VOther, KnownSerdes>,
    joiner: Joiner<K, V, VOther | null, VOut>,
    options?: Options,
  ): KTable<K, NonNullable<VOut>, KnownValueFrom<Of, Options>>;
  leftJoin(other: Joinable, joiner: AnyJoiner, options?: AnyJoinOptions): unknown {
    return new KTable(anyJoin(this.handle, { type: 'left', other: other.handle, joiner }, options));
  }

  /**
   * Joins the rows of two tables by key, where a row of the result needs a row of either.
   *
   * Emits: as `join`; the joiner gets `null` for the side that has no row.
   * State, Time, Restart: as `join` by key.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const wins = builder.table('wins', { name: 'wins', key: string(), value: number() });
   * const losses = builder.table('losses', { name: 'losses', key: string(), value: number() });
   * const balance = (won: number | null, lost: number | null) => (won ?? 0) - (lost ?? 0);
   * wins.outerJoin(losses, balance, { value: number() }).toStream().to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('losses', { key: 'ann', value: 1 });
   * driver.send('wins', { key: 'ann', value: 3 });
   * driver.read('out').map(({ value }) => value); // => [-1, 2]
   * ```
   * @throws {TopologyError} from `build()`: as `join` by key.
   * @throws {ProcessingError} while it runs: `UNDEFINED_VALUE`.
   */
  outerJoin<
    VOther,
    VOut extends Defined,
    Options extends Only<TableJoinOptions<VOut>, Options> = object,
  >(
    other: KTable<K, VOther, KnownSerdes>,
    joiner: Joiner<K, V | null, VOther | null, VOut>,
    options?: Options,
  ): KTable<K, NonNullable<VOut>, KnownValueFrom<Of, Options>> {
    const spec = { type: 'outer', other: other.handle, joiner } as const;
    return new KTable(tableJoin(this.handle, spec, options));
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

function anyJoin(
  left: Handle,
  join: ForeignKeyJoin<never, never, never, unknown>,
  options: AnyJoinOptions = {},
): Handle {
  return options.foreignKey === undefined
    ? tableJoin<never, never, never, unknown>(left, join, options)
    : foreignKeyJoin<never, never, unknown, never, unknown>(left, join, options);
}
