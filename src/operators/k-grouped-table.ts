import type { RankedRow, Score } from '../core/serde/ranking.ts';
import type { GroupedTable } from './internal/grouped-table.ts';
import type { Handle } from './internal/handle.ts';
import type { Defined } from './internal/serdes.ts';
import type { Reducer } from './internal/steps.ts';
import type { KTable } from './k-table.ts';
import { tableAggregate, type TableAggregateOptions } from './table-aggregate.ts';
import { tableCount, type TableCountOptions } from './table-count.ts';
import { tableReduce, type TableReduceOptions } from './table-reduce.ts';
import { tableTopN, type TableTopNOptions } from './table-top-n.ts';

/**
 * The rows of a table under other keys, ready to be aggregated: a row that changes is taken out of
 * its group and put in again, perhaps into another. `KRow` are the keys of the table.
 */
export class KGroupedTable<K, V, KRow> {
  /** @internal */
  constructor(
    /** @internal */
    readonly grouped: GroupedTable,
  ) {}

  /**
   * Counts the rows of each group; a group without rows stays, with 0.
   *
   * Emits: with `onUpdate()` the new count for each change of a row in the group, even one that
   * leaves the count as it was; `onCommit()` and `every()` fold.
   * State: one number per group in the store `name`, for ever.
   * Time: a row has the greatest timestamp of the changes that made it.
   * Drops: none; rows without a group were dropped by `groupBy`.
   * Restart: leaves no trace; under `'at-least-once'` replayed changes may count twice.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const teams = builder.table('teams', { name: 'teams', key: string(), value: string() });
   * const serdes = { key: string(), value: string() };
   * teams
   *   .groupBy((team, user) => ({ key: team, value: user }), { name: 'by-team', ...serdes })
   *   .count({ name: 'members' })
   *   .toStream()
   *   .to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * for (const value of ['red', null]) driver.send('teams', { key: 'ann', value });
   * driver.read('out').map(({ key, value }) => [key, value]); // => [['red', 1], ['red', 0]]
   * ```
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME` if another node or store is called
   * `name`.
   * @throws {ProcessingError} while it runs: `OVERFLOW` above 2^53 - 1.
   */
  count(options: TableCountOptions): KTable<K, number> {
    return this.table(tableCount(this.grouped, options));
  }

  /**
   * Combines the values of each group; the first value is the row, and no callback is called for
   * it. The adder takes a value in, the subtractor takes one out again.
   *
   * Emits: with `onUpdate()` the new row for each change of a row in the group; `onCommit()` and
   * `every()` fold.
   * State: one row per group in the store `name`; a callback that returns `null` deletes it, and
   * what is taken out of a deleted row is passed over.
   * Time: a row has the greatest timestamp of the changes that made it.
   * Drops: none; rows without a group were dropped by `groupBy`.
   * Restart: leaves no trace; under `'at-least-once'` replayed changes may count twice.
   * Rule: adder and subtractor must commute and undo each other: values come and go in any order.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const stock = builder.table('stock', { name: 'stock', key: string(), value: number() });
   * const serdes = { key: string(), value: number() };
   * stock
   *   .groupBy((pieces, item) => ({ key: item.slice(0, 1), value: pieces }), {
   *     name: 'by-kind',
   *     ...serdes,
   *   })
   *   .reduce((sum, pieces) => sum + pieces, (sum, pieces) => sum - pieces, { name: 'pieces' })
   *   .toStream()
   *   .to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * for (const [key, value] of [['a1', 5], ['a2', 3], ['a1', 7]] as const) {
   *   driver.send('stock', { key, value });
   * }
   * driver.read('out').map(({ key, value }) => [key, value]); // => [['a', 5], ['a', 8], ['a', 10]]
   * ```
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME` if another node or store is called
   * `name`.
   * @throws {ProcessingError} while it runs: `UNDEFINED_VALUE`, a forgotten `return`.
   */
  reduce(adder: Reducer<V>, subtractor: Reducer<V>, options: TableReduceOptions): KTable<K, V> {
    return this.table(tableReduce(this.grouped, { ...options, adder, subtractor }));
  }

  /**
   * Folds the values of each group into an aggregate that starts from the initializer: the adder
   * takes a value in, the subtractor takes one out again.
   *
   * Emits: with `onUpdate()` the new row for each change of a row in the group; `onCommit()` and
   * `every()` fold.
   * State: one row per group in the store `name`; a callback that returns `null` deletes it, and
   * what is taken out of a deleted row is passed over.
   * Time: a row has the greatest timestamp of the changes that made it.
   * Drops: none; rows without a group were dropped by `groupBy`.
   * Restart: leaves no trace; under `'at-least-once'` replayed changes may count twice.
   * Rule: adder and subtractor must commute and undo each other: values come and go in any order.
   *
   * @example A group that was emptied is deleted by its subtractor.
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const votes = builder.table('votes', { name: 'votes', key: string(), value: string() });
   * const serdes = { key: string(), value: string() };
   * votes
   *   .groupBy((party, voter) => ({ key: party, value: voter }), { name: 'by-party', ...serdes })
   *   .aggregate({
   *     name: 'voters',
   *     initializer: () => 0,
   *     adder: (voters) => voters + 1,
   *     subtractor: (voters) => (voters > 1 ? voters - 1 : null),
   *     value: int64(),
   *   })
   *   .toStream()
   *   .to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * for (const value of ['red', 'blue']) driver.send('votes', { key: 'ann', value });
   * driver.read('out').map(({ key, value }) => [key, value]);
   * // => [['red', 1], ['red', null], ['blue', 1]]
   * ```
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME` if another node or store is called
   * `name`.
   * @throws {ProcessingError} while it runs: `UNDEFINED_VALUE`, a forgotten `return`.
   */
  aggregate<A extends Defined>(options: TableAggregateOptions<K, V, A>): KTable<K, NonNullable<A>> {
    return this.table(tableAggregate(this.grouped, options));
  }

  /**
   * The n rows of each group with the greatest scores, best first; of equal scores the lesser
   * encoded key. All rows of a group are kept in order, so one that leaves lets the next in. A
   * change outside the list changes nothing.
   *
   * Emits: with `onUpdate()` the new list for each change that it shows; a tombstone once the group
   * has no rows; `onCommit()` and `every()` fold.
   * State: one list per group in the store `name`, one row per table row in `<name>-members`, and
   * their order in `<name>-order`; rows that leave the group leave the stores. A change costs about
   * as much in large groups as in small ones.
   * Time: a row has the greatest timestamp of the changes that made it.
   * Drops: none; rows without a group were dropped by `groupBy`.
   * Restart: leaves no trace; under `'at-least-once'` replayed changes end in the same lists.
   *
   * @example The second best moves up.
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const scores = builder.table('scores', { name: 'scores', key: string(), value: number() });
   * const serdes = { key: string(), value: number() };
   * scores
   *   .groupBy((score) => ({ key: 'all', value: score }), { name: 'by-game', ...serdes })
   *   .topN(1, { name: 'winner', by: (score) => score })
   *   .toStream()
   *   .to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * for (const [key, value] of [['ann', 5], ['bob', 9], ['bob', null]] as const) {
   *   driver.send('scores', { key, value });
   * }
   * type Winners = readonly RankedRow<string, number>[];
   * driver.read<string, Winners>('out').map(({ value }) => value?.map(({ key }) => key));
   * // => [['ann'], ['bob'], ['ann']]
   * ```
   * @throws {ConfigError} `BAD_OPTION` unless n is a whole number from 1 to 10 000.
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME` if another node or store is called
   * `name`.
   * @throws {ProcessingError} while it runs: `BAD_SCORE`, no finite number and no bigint.
   */
  topN<S extends Score>(
    n: number,
    options: TableTopNOptions<KRow, V, S>,
  ): KTable<K, readonly RankedRow<KRow, V, S>[]> {
    return this.table(tableTopN(this.grouped, n, options));
  }

  private table<A>(handle: Handle): KTable<K, A> {
    return handle.draft.handles.table(handle);
  }
}
