import { added, finite, numeric, type Numeric, type NumericOptions, safe } from './numeric.ts';
import type { ReadyAggregator, Selector } from './ready-aggregator.ts';

/**
 * The sum of what is selected: finite numbers, or bigints with a serde for them. Fractions are
 * rounded as numbers are, so their sum may differ in the last digits if records come in another
 * order.
 *
 * @example
 * ```ts
 * const builder = new TopologyBuilder('docs');
 * const orders = builder.stream('orders', { key: string(), value: json<{ amount: number }>() });
 * orders
 *   .groupByKey()
 *   .aggregate({ name: 'spent', ...sum((order) => order.amount) })
 *   .toStream()
 *   .to('out');
 * const driver = new TopologyTestDriver(builder.build());
 * for (const amount of [3, 4]) driver.send('orders', { key: 'ann', value: { amount } });
 * driver.read('out').map(({ value }) => value); // => [3, 7]
 * ```
 * @throws {ProcessingError} while it runs: `OVERFLOW` where a sum of numbers would leave
 * ±(2^53 - 1); `BAD_NUMBER` for NaN, infinities and what is no number.
 */
export function sum<V>(
  select: Selector<V, number>,
  options?: NumericOptions<number>,
): ReadyAggregator<V, number>;
export function sum<V>(
  select: Selector<V, bigint>,
  options: NumericOptions<bigint>,
): ReadyAggregator<V, bigint>;
export function sum<V>(
  select: Selector<V, Numeric>,
  options?: NumericOptions<number> | NumericOptions<bigint>,
): ReadyAggregator<V, number> | ReadyAggregator<V, bigint> {
  const addend = (value: V) => safe('sum', finite('sum', select(value)));
  const combine = (left: Numeric, right: Numeric) => added('sum', left, right);
  const aggregator = numeric('sum', addend, combine, options);
  return aggregator as ReadyAggregator<V, number>; // of what `select` gives
}
