import { json } from '../../../core/serde/json.ts';
import { added, finite, safe } from './numeric.ts';
import { combining, type ReadyAggregator, type Selector } from './ready-aggregator.ts';

/** An average with what it is made of, so that averages can be combined. */
export interface Average {
  /** `sum / count`. */
  readonly average: number;
  readonly sum: number;
  /** How many values there were: at least one. */
  readonly count: number;
}

/**
 * The average of the finite numbers that are selected, with their sum and count: `mapValues` takes
 * out what is wanted. The sum is kept as `sum` keeps it.
 *
 * @example
 * ```ts
 * const builder = new TopologyBuilder('docs');
 * const orders = builder.stream('orders', { key: string(), value: json<{ amount: number }>() });
 * orders
 *   .groupByKey()
 *   .aggregate({ name: 'spent', ...average((order) => order.amount) })
 *   .toStream()
 *   .to('out');
 * const driver = new TopologyTestDriver(builder.build());
 * for (const amount of [4, 3]) driver.send('orders', { key: 'ann', value: { amount } });
 * driver.read('out').map(({ value }) => value);
 * // => [{ average: 4, sum: 4, count: 1 }, { average: 3.5, sum: 7, count: 2 }]
 * ```
 * @throws {ProcessingError} while it runs: `OVERFLOW` where the sum would leave ±(2^53 - 1);
 * `BAD_NUMBER` for NaN, infinities and what is no number.
 */
export function average<V>(select: Selector<V, number>): ReadyAggregator<V, Average> {
  const addend = (value: V) => safe('average', finite('average', select(value)));
  return combining((value) => averageOf(addend(value), 1), merge, json());
}

function merge(left: Average, right: Average): Average {
  return averageOf(added('average', left.sum, right.sum), left.count + right.count);
}

function averageOf(sum: number, count: number): Average {
  return { average: sum / count, sum, count };
}
