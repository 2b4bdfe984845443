import { DDSketch } from '@datadog/sketches-js';
import { ConfigError } from '../core/model/errors.ts';
import type {
  ReadyAggregator,
  Selector,
} from '../operators/internal/aggregators/ready-aggregator.ts';
import { finite } from '../operators/internal/aggregators/numeric.ts';
import { addValue, mergeParts, type Quantiles, Sketch } from './sketch.ts';
import { sketchSerde } from './sketch-serde.ts';

export interface QuantilesOptions {
  /** Greatest relative error of an answer, between 0 and 1. Default 0.01. */
  readonly relativeAccuracy?: number;
}

/**
 * The distribution of the finite numbers that are selected, kept as a DDSketch: its value answers
 * `quantile(0.99)` with a relative error of at most `relativeAccuracy`, whatever the values are,
 * and tells `count`, `min` and `max` exactly. The same values in any order give the same sketch,
 * and sketches are combined without loss.
 *
 * A row takes some 10 bytes for each bin in use, of which values between `a` and `b` use at most
 * `ln(b / a) / (2 * relativeAccuracy)`: 690 from 1 to a million at 0.01. Bins are found with the
 * logarithm of Node, which is the same on all machines with one version of it.
 *
 * @example
 * ```ts
 * const builder = new TopologyBuilder('docs');
 * builder
 *   .stream('requests', { key: string(), value: json<{ latency: number }>() })
 *   .groupByKey()
 *   .aggregate({ name: 'latencies', ...quantiles((request) => request.latency) })
 *   .mapValues((latencies) => Math.round(latencies.quantile(0.5)), { value: number() })
 *   .toStream()
 *   .to('out');
 * const driver = new TopologyTestDriver(builder.build());
 * for (const latency of [10, 20, 90]) driver.send('requests', { key: '/a', value: { latency } });
 * driver.read('out').map(({ value }) => value); // => [10, 10, 20]
 * ```
 * @throws {ConfigError} `BAD_OPTION` for an accuracy that is not between 0 and 1.
 * @throws {ProcessingError} while it runs: `BAD_NUMBER` for NaN, infinities and what is no number.
 */
export function quantiles<V>(
  select: Selector<V, number>,
  { relativeAccuracy = 0.01 }: QuantilesOptions = {},
): ReadyAggregator<V, Quantiles> {
  if (!(relativeAccuracy > 0 && relativeAccuracy < 1)) {
    throw new ConfigError(
      'BAD_OPTION',
      `A \`relativeAccuracy\` of ${relativeAccuracy} cannot be kept: give one between 0 and 1.`,
    );
  }
  const { mapping } = new DDSketch({ relativeAccuracy });
  const partsOf = (value: Quantiles) => (value as Sketch).parts; // all are made here
  return Object.freeze<ReadyAggregator<V, Quantiles>>({
    initializer: () => null as never, // given to the aggregator below and to nobody else
    aggregator(aggregate, record) {
      const before = aggregate as Sketch | null; // from the initializer, or made here
      const value = finite('quantiles', select(record));
      return new Sketch(addValue(before?.parts ?? null, value, mapping), mapping);
    },
    merger: (earlier, later) => new Sketch(mergeParts(partsOf(earlier), partsOf(later)), mapping),
    value: sketchSerde(relativeAccuracy, mapping),
  });
}
