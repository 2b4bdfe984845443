import type { Handle } from './internal/handle.ts';
import type {
  Defined,
  KnownSerdes,
  KnownValueFrom,
  SerdesKnown,
  ValueSerdeOption,
} from './internal/serdes.ts';
import { historyOf } from './internal/versioned-upsert.ts';
import type { KStream } from './k-stream.ts';
import { tableFilter, type TablePredicate } from './table-filter.ts';
import { tableMapValues, type TableMapper } from './table-map-values.ts';
import { toStream } from './to-stream.ts';

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
  ): KTable<K, NonNullable<VOut>, KnownValueFrom<Of, Options>, Versioned> {
    return new KTable(tableMapValues(this.handle, mapper, options));
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
