import { numeric, type Numeric, type NumericOptions } from './numeric.ts';
import type { ReadyAggregator, Selector } from './ready-aggregator.ts';

/**
 * The greatest of what is selected: finite numbers, or bigints with a serde for them.
 *
 * @example
 * ```ts
 * const builder = new TopologyBuilder('docs');
 * const orders = builder.stream('orders', { key: string(), value: json<{ amount: number }>() });
 * orders
 *   .groupByKey()
 *   .aggregate({ name: 'greatest', ...max((order) => order.amount) })
 *   .toStream()
 *   .to('out');
 * const driver = new TopologyTestDriver(builder.build());
 * for (const amount of [4, 3, 7]) driver.send('orders', { key: 'ann', value: { amount } });
 * driver.read('out').map(({ value }) => value); // => [4, 4, 7]
 * ```
 * @throws {ProcessingError} while it runs: `BAD_NUMBER` for NaN, infinities and what is no number.
 */
export function max<V>(
  select: Selector<V, number>,
  options?: NumericOptions<number>,
): ReadyAggregator<V, number>;
export function max<V>(
  select: Selector<V, bigint>,
  options: NumericOptions<bigint>,
): ReadyAggregator<V, bigint>;
export function max<V>(
  select: Selector<V, Numeric>,
  options?: NumericOptions<number> | NumericOptions<bigint>,
): ReadyAggregator<V, number> | ReadyAggregator<V, bigint> {
  const combine = (left: Numeric, right: Numeric) => (right > left ? right : left);
  const aggregator = numeric('max', select, combine, options);
  return aggregator as ReadyAggregator<V, number>; // of what `select` gives
}
