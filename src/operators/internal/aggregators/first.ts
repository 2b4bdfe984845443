import type { Serde } from '../../../core/serde/serde.ts';
import { combining, type ReadyAggregator, type Selector } from './ready-aggregator.ts';

/**
 * What is selected of the first record to arrive, whatever its timestamp is; of sessions that meet
 * in one, what the earlier session has. The selector returns no null: `filter` such records out.
 *
 * @example
 * ```ts
 * const builder = new TopologyBuilder('docs');
 * const orders = builder.stream('orders', { key: string(), value: json<{ amount: number }>() });
 * orders
 *   .groupByKey()
 *   .aggregate({ name: 'first', ...first((order) => order.amount, { value: number() }) })
 *   .toStream()
 *   .to('out');
 * const driver = new TopologyTestDriver(builder.build());
 * for (const amount of [4, 3]) driver.send('orders', { key: 'ann', value: { amount } });
 * driver.read('out').map(({ value }) => value); // => [4, 4]
 * ```
 */
export function first<V, A extends NonNullable<unknown>>(
  select: Selector<V, A>,
  { value }: { readonly value: Serde<A> },
): ReadyAggregator<V, A> {
  return combining(select, (earlier) => earlier, value);
}
