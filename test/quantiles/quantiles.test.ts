import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { json, noHeaders, onClose, string, TopologyBuilder, tumbling } from '../../src/index.ts';
import { type Quantiles, quantiles } from '../../src/quantiles.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { expectInEveryRunMode } from '../support/expect-in-every-run-mode.ts';
import { propertyOptions } from '../support/property-options.ts';
import { thrownBy } from '../support/thrown.ts';

const accuracies = [0.001, 0.01, 0.1];
const shares = [0, 0.01, 0.25, 0.5, 0.75, 0.9, 0.99, 1];

const ready = (relativeAccuracy = 0.01) =>
  quantiles((value: number) => value, { relativeAccuracy });

function sketchOf(values: readonly number[], relativeAccuracy?: number): Quantiles {
  const { aggregator, initializer } = ready(relativeAccuracy);
  return values.reduce((sketch, value) => aggregator(sketch, value), initializer());
}

/** The value at its place among all of them. */
function exactly(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(share * (values.length - 1))] ?? NaN;
}

function expectClose(sketch: Quantiles, values: readonly number[], accuracy: number): void {
  for (const share of shares) {
    const exact = exactly(values, share);
    // Beside the promised error there is the rounding of the last place.
    const most = Math.abs(exact) * (accuracy + 1e-9) + 1e-300;
    expect(Math.abs(sketch.quantile(share) - exact), `${share}`).toBeLessThanOrEqual(most);
  }
}

// Wide and narrow, on both sides of zero, often equal.
const value = fc.oneof(
  fc.integer({ min: -50, max: 1000 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 1, -1, 1e300, -1e300, 1e-320, Number.MAX_VALUE),
);
const values = fc.array(value, { minLength: 1, maxLength: 80 });

describe.each(accuracies)('with an accuracy of %d', (accuracy) => {
  it('each quantile is within it of the exact one', () => {
    const law = fc.property(values, (some) => {
      expectClose(sketchOf(some, accuracy), some, accuracy);
    });
    fc.assert(law, propertyOptions(100));
  });

  it('merged sketches are the sketch of all values', () => {
    const law = fc.property(values, values, (left, right) => {
      const { merger } = ready(accuracy);
      const merged = merger(sketchOf(left, accuracy), sketchOf(right, accuracy));
      const whole = sketchOf([...left, ...right], accuracy);
      expect(merged).toEqual(whole);
      for (const share of shares) expect(merged.quantile(share)).toBe(whole.quantile(share));
    });
    fc.assert(law, propertyOptions(100));
  });

  it('the same values in any order have the same bytes, and come back from them', () => {
    const law = fc.property(values, (some) => {
      const serde = ready(accuracy).value;
      const bytes = serde.serialize(sketchOf(some, accuracy));
      expect(serde.serialize(sketchOf(some.toReversed(), accuracy))).toEqual(bytes);
      expect(serde.deserialize(Buffer.from(bytes))).toEqual(sketchOf(some, accuracy));
    });
    fc.assert(law, propertyOptions(100));
  });
});

it('count, least and greatest value are exact', () => {
  const sketch = sketchOf([3.25, -7, 0, 1e6, 3.25]);
  expect([sketch.count, sketch.min, sketch.max]).toEqual([5, -7, 1e6]);
});

it('a sketch of many values keeps few bins', () => {
  // Spread over a million by a multiplication that visits every residue.
  const many = Array.from({ length: 20_000 }, (_, index) => 1 + ((index * 7919) % 1_000_003));
  const sketch = sketchOf(many);
  expectClose(sketch, many, 0.01);
  expect(ready().value.serialize(sketch).length).toBeLessThan(690 * 10);
});

it('a sketch is never mutated', () => {
  const before = sketchOf([1, 2, 3]);
  const bytes = ready().value.serialize(before);
  before.quantile(0.5);
  ready().aggregator(before, 2);
  ready().merger(before, sketchOf([9]));
  expect(ready().value.serialize(before)).toEqual(bytes);
});

const codeOf = (run: () => unknown) => thrownBy(run).code;

it.each([0, 1, -0.5, NaN])('an accuracy of %d is refused', (relativeAccuracy) => {
  expect(codeOf(() => ready(relativeAccuracy))).toBe('BAD_OPTION');
});

it.each([-0.1, 1.1, NaN])('there is no quantile of %d', (share) => {
  expect(codeOf(() => sketchOf([1]).quantile(share))).toBe('BAD_OPTION');
});

it.each([NaN, Infinity, '1', null])('refuses %s', (given) => {
  expect(codeOf(() => sketchOf([given as number]))).toBe('BAD_NUMBER'); // as a bug does
});

it('what is not of a sketch is not read, and what is no sketch not written', () => {
  const serde = ready().value;
  const texts = [
    'null',
    '7',
    '{}',
    '{"min":1,"max":1,"zeros":0,"positive":[["a",1]],"negative":[]}',
  ];
  for (const text of texts) {
    expect(codeOf(() => serde.deserialize(Buffer.from(text)))).toBe('DESERIALIZATION');
  }
  const forged = { count: 1, min: 1, max: 1, quantile: () => 1 };
  expect(codeOf(() => serde.serialize(forged))).toBe('SERIALIZATION');
});

it('another accuracy is another format, so that state of the old one is refused', () => {
  expect(ready(0.01).value.format).not.toBe(ready(0.02).value.format);
});

it('in windows tells the quantiles of each', () => {
  const builder = new TopologyBuilder('test');
  builder
    .stream('in', { key: string(), value: json<{ latency: number }>() })
    .groupByKey()
    .windowedBy(tumbling(10, { grace: 0 }))
    .aggregate({
      name: 'latencies',
      emit: onClose(),
      ...quantiles((request) => request.latency, { relativeAccuracy: 0.02 }),
    })
    .mapValues((latencies) => [latencies.count, latencies.quantile(1)], { value: json<number[]>() })
    .toStream()
    .to('out');
  const at = (latency: number, timestamp: number) => ({
    topic: 'in',
    key: 'k',
    value: { latency },
    timestamp,
  });
  return expectInEveryRunMode({
    topology: builder.build(),
    input: [at(5, 1), at(70, 2), at(9, 9), at(3, 12), at(1, 25)],
    output: {
      out: [
        { key: { key: 'k', startMs: 0, endMs: 10 }, value: [3, 70], timestamp: 9 },
        { key: { key: 'k', startMs: 10, endMs: 20 }, value: [1, 3], timestamp: 12 },
      ],
    },
  });
});

it('the sketch itself can be written to a topic', () => {
  const builder = new TopologyBuilder('test');
  builder
    .stream('in', { key: string(), value: json<number>() })
    .groupByKey()
    .aggregate({ name: 'all', ...quantiles((one) => one) })
    .toStream()
    .to('out');
  const driver = new TopologyTestDriver(builder.build());
  for (const one of [1, 2, 3]) driver.send('in', { key: 'k', value: one, headers: noHeaders });
  const read = driver.read<string, Quantiles>('out').map(({ value }) => value.quantile(1));
  expect(read).toEqual([1, 2, 3]);
});
