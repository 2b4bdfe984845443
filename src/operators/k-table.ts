import type { Joiner } from './internal/callbacks.ts';
import type { Handle } from './internal/handle.ts';
import type {
  Defined,
  KnownSerdes,
  KnownValueFrom,
  SerdesKnown,
  ValueSerdeOption,
} from './internal/serdes.ts';
import type { KStream } from './k-stream.ts';
import {
  type ForeignKeyJoin,
  foreignKeyJoin,
  type ForeignKeyJoinOptions,
} from './foreign-key-join.ts';
import { tableFilter, type TablePredicate } from './table-filter.ts';
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
  join<VOther, VOut extends Defined, Options extends TableJoinOptions<VOut> = object>(
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
  leftJoin<VOther, VOut extends Defined, Options extends TableJoinOptions<VOut> = object>(
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
  outerJoin<VOther, VOut extends Defined, Options extends TableJoinOptions<VOut> = object>(
    other: KTable<K, VOther, KnownSerdes>,
    joiner: Joiner<K, V | null, VOther | null, VOut>,
    options?: Options,
  ): KTable<K, NonNullable<VOut>, KnownValueFrom<Of, Options>> {
    const spec = { type: 'outer', other: other.handle, joiner } as const;
    return new KTable(tableJoin(this.handle, spec, options));
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
