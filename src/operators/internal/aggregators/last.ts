import type { Serde } from '../../../core/serde/serde.ts';
import { combining, type ReadyAggregator, type Selector } from './ready-aggregator.ts';

/**
 * What is selected of the last record to arrive, whatever its timestamp is; of sessions that meet
 * in one, what the later session has. The selector returns no null: `filter` such records out.
 *
 * @example
 * ```ts
 * const builder = new TopologyBuilder('docs');
 * const orders = builder.stream('orders', { key: string(), value: json<{ amount: number }>() });
 * orders
 *   .groupByKey()
 *   .aggregate({ name: 'last', ...last((order) => order.amount, { value: number() }) })
 *   .toStream()
 *   .to('out');
 * const driver = new TopologyTestDriver(builder.build());
 * for (const amount of [4, 3]) driver.send('orders', { key: 'ann', value: { amount } });
 * driver.read('out').map(({ value }) => value); // => [4, 3]
 * ```
 */
export function last<V, A extends NonNullable<unknown>>(
  select: Selector<V, A>,
  { value }: { readonly value: Serde<A> },
): ReadyAggregator<V, A> {
  return combining(select, (_earlier, later) => later, value);
}
