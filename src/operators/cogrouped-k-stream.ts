import type { SessionWindows } from '../core/model/session-windows.ts';
import type { SlidingWindows } from '../core/model/sliding-windows.ts';
import type { TimeWindows } from '../core/model/windows.ts';
import { cogroup, type CogroupOptions } from './cogroup.ts';
import type { CogroupInput } from './internal/cogrouped.ts';
import type { Aggregator } from './internal/steps.ts';
import type { KGroupedStream } from './k-grouped-stream.ts';
import type { KTable } from './k-table.ts';
import { SessionWindowedCogroupedKStream } from './session-windowed-cogrouped-k-stream.ts';
import { TimeWindowedCogroupedKStream } from './time-windowed-cogrouped-k-stream.ts';

/**
 * Several grouped streams with one aggregate, each with an aggregator of its own. `V` are the
 * values of all of them.
 */
export class CogroupedKStream<K, V, A> {
  /** @internal */
  constructor(
    /** @internal */
    readonly inputs: readonly CogroupInput[],
  ) {}

  /**
   * Adds a grouped stream, and what its values do to the aggregate.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const source = { key: string(), value: number() };
   * const payments = builder.stream('payments', source).groupByKey();
   * const refunds = builder.stream('refunds', source).groupByKey();
   * payments
   *   .cogroup((balance: number, paid) => balance + paid)
   *   .cogroup(refunds, (balance, refunded) => balance - refunded)
   *   .aggregate({ name: 'balances', initializer: () => 0, value: number() })
   *   .toStream()
   *   .to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('payments', { key: 'ann', value: 9 });
   * driver.send('refunds', { key: 'ann', value: 2 });
   * driver.read('out').map(({ value }) => value); // => [9, 7]
   * ```
   * @throws {TopologyError} from `build()`: `NOT_COPARTITIONED` where the streams' keys, or what
   * repartitions them, differ; `NAME_MISSING` for a changed key whose `groupByKey` has no name. At
   * start: `NOT_COPARTITIONED` where the topics have unequal partition counts.
   */
  cogroup<VOther>(
    other: KGroupedStream<K, VOther>,
    aggregator: Aggregator<K, VOther, A>,
  ): CogroupedKStream<K, V | VOther, A> {
    const input = { grouped: other.handle, aggregator } as CogroupInput; // of this key and aggregate
    return new CogroupedKStream([...this.inputs, input]);
  }

  /**
   * Folds the values of each key, of all streams, into an aggregate that starts from the
   * initializer, in the order in which the task takes the records.
   *
   * Emits: with `onUpdate()` the new row for each record; `onCommit()` and `every()` fold.
   * State: one row per key in the store `name`; an aggregator that returns `null` deletes it.
   * Time: a row has the greatest timestamp of its records, whatever order they came in.
   * Drops: `null-key`; `null-value`.
   * Restart: leaves no trace; under `'at-least-once'` replayed records may count twice.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const source = { key: string(), value: string() };
   * const carts = builder.stream('carts', source).groupByKey();
   * const orders = builder.stream('orders', source).groupByKey();
   * carts
   *   .cogroup((open: readonly string[], item) => [...open, item])
   *   .cogroup(orders, (open, item) => open.filter((other) => other !== item))
   *   .aggregate({
   *     name: 'open',
   *     initializer: (): readonly string[] => [],
   *     value: json<readonly string[]>(),
   *   })
   *   .toStream()
   *   .to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('carts', [{ key: 'ann', value: 'tea' }, { key: 'ann', value: 'jam' }]);
   * driver.send('orders', { key: 'ann', value: 'tea' });
   * driver.read('out').map(({ value }) => value); // => [['tea'], ['tea', 'jam'], ['jam']]
   * ```
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME` if another node or store is called
   * `name`; see `cogroup`.
   * @throws {ProcessingError} while it runs: `UNDEFINED_VALUE`, a forgotten `return`.
   */
  aggregate(options: CogroupOptions<A>): KTable<K, A> {
    const handle = cogroup(this.inputs, options);
    return handle.draft.handles.table(handle);
  }

  /**
   * Cuts the groups into windows: the aggregate has one row per key and window.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const source = { key: string(), value: number() };
   * const ups = builder.stream('ups', source).groupByKey();
   * const downs = builder.stream('downs', source).groupByKey();
   * ups
   *   .cogroup((sum: number, up) => sum + up)
   *   .cogroup(downs, (sum, down) => sum - down)
   *   .windowedBy(tumbling(10, { grace: 0 }))
   *   .aggregate({ name: 'sums', initializer: () => 0, value: number(), emit: onClose() })
   *   .toStream()
   *   .to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('ups', { key: 'a', value: 5, timestamp: 1 });
   * driver.send('downs', [
   *   { key: 'a', value: 3, timestamp: 2 },
   *   { key: 'a', value: 1, timestamp: 10 },
   * ]);
   * driver.read<Windowed<string>, number>('out').map(({ key, value }) => [key.endMs, value]);
   * // => [[10, 2]]
   * ```
   */
  windowedBy(windows: SessionWindows): SessionWindowedCogroupedKStream<K, V, A>;
  windowedBy(windows: TimeWindows | SlidingWindows): TimeWindowedCogroupedKStream<K, V, A>;
  windowedBy(
    windows: TimeWindows | SlidingWindows | SessionWindows,
  ): TimeWindowedCogroupedKStream<K, V, A> | SessionWindowedCogroupedKStream<K, V, A> {
    return windows.kind === 'session'
      ? new SessionWindowedCogroupedKStream<K, V, A>(this.inputs, windows)
      : new TimeWindowedCogroupedKStream<K, V, A>(this.inputs, windows);
  }
}
