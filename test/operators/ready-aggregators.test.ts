import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  average,
  bigint,
  bigint64,
  first,
  float64,
  json,
  last,
  max,
  min,
  number,
  onClose,
  ProcessingError,
  type ReadyAggregator,
  string,
  sum,
  TopologyBuilder,
  tumbling,
} from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { expectInEveryRunMode } from '../support/expect-in-every-run-mode.ts';
import { propertyOptions } from '../support/property-options.ts';
import { thrownBy } from '../support/thrown.ts';

interface Order {
  readonly amount: number;
}

const amountOf = ({ amount }: Order) => amount;
const bigintOf = ({ amount }: Order) => BigInt(amount);

function plain<A extends NonNullable<unknown>>(ready: ReadyAggregator<Order, A>) {
  const builder = new TopologyBuilder('test');
  const orders = builder.stream('in', { key: string(), value: json<Order>() }).groupByKey();
  orders
    .aggregate({ name: 'rows', ...ready })
    .toStream()
    .to('out');
  return builder.build();
}

function windowed<A extends NonNullable<unknown>>(ready: ReadyAggregator<Order, A>) {
  const builder = new TopologyBuilder('test');
  const orders = builder.stream('in', { key: string(), value: json<Order>() }).groupByKey();
  orders
    .windowedBy(tumbling(10, { grace: 0 }))
    .aggregate({ name: 'rows', emit: onClose(), ...ready })
    .toStream()
    .to('out');
  return builder.build();
}

const at = (amount: number, timestamp: number) => ({
  topic: 'in',
  key: 'k',
  value: { amount },
  timestamp,
});

const averages = [
  { average: 4, sum: 4, count: 1 },
  { average: 3, sum: 6, count: 2 },
  { average: 5, sum: 15, count: 3 },
];

/** `values` is what it gives for the amounts 4, 2, 9, one after another. */
function of<A>(name: string, ready: ReadyAggregator<Order, A>, values: readonly unknown[]) {
  return { name, ready: ready as unknown as ReadyAggregator<Order, object>, values }; // one type for all
}

const cases = [
  of('sum', sum(amountOf), [4, 6, 15]),
  of('sum of bigints', sum(bigintOf, { value: bigint() }), [4n, 6n, 15n]),
  of('min', min(amountOf), [4, 2, 2]),
  of('min of bigints', min(bigintOf, { value: bigint64() }), [4n, 2n, 2n]),
  of('max', max(amountOf, { value: float64() }), [4, 4, 9]),
  of('max of bigints', max(bigintOf, { value: bigint64() }), [4n, 4n, 9n]),
  of('average', average(amountOf), averages),
  of('first', first(amountOf, { value: number() }), [4, 4, 4]),
  of('last', last(amountOf, { value: number() }), [4, 2, 9]),
];

describe.each(cases)('$name', ({ ready, values }) => {
  const input = [at(4, 3), at(2, 1), at(9, 5)];

  it('is what its name says, after each record', () =>
    expectInEveryRunMode({
      topology: plain(ready),
      input,
      output: {
        out: [3, 3, 5].map((timestamp, index) => ({ key: 'k', value: values[index], timestamp })),
      },
      drops: [],
    }));

  it('begins anew in each window', () =>
    expectInEveryRunMode({
      topology: windowed(ready),
      input: [...input, at(4, 12), at(1, 20)],
      output: {
        out: [
          { key: { key: 'k', startMs: 0, endMs: 10 }, value: values[2], timestamp: 5 },
          { key: { key: 'k', startMs: 10, endMs: 20 }, value: values[0], timestamp: 12 },
        ],
      },
    }));

  it('the aggregates of two parts are merged into that of the whole', () => {
    const fold = (amounts: readonly number[]) =>
      amounts.reduce(
        (aggregate, amount) => ready.aggregator(aggregate, { amount }),
        ready.initializer(),
      );
    const amounts = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1 });
    const law = fc.property(amounts, amounts, (earlier, later) => {
      expect(ready.merger(fold(earlier), fold(later))).toEqual(fold([...earlier, ...later]));
    });
    fc.assert(law, propertyOptions(100));
  });
});

const codeOf = (run: () => unknown) => {
  const error = thrownBy(run);
  expect(error).toBeInstanceOf(ProcessingError);
  return error.code;
};

describe.each(cases.filter(({ name }) => /^(sum|min|max|average)$/.test(name)))(
  '$name',
  ({ ready }) => {
    it.each([NaN, Infinity, -Infinity, '1', undefined, null, {}])('refuses %s', (amount) => {
      const add = () => ready.aggregator(ready.initializer(), { amount } as Order); // as a bug does
      expect(codeOf(add)).toBe('BAD_NUMBER');
    });

    it('knows but one zero', () => {
      const aggregate = ready.aggregator(ready.initializer(), { amount: -0 });
      const shown: unknown =
        typeof aggregate === 'number' ? aggregate : Object.values(aggregate)[0];
      expect(Object.is(shown, 0)).toBe(true);
    });
  },
);

it('numbers and bigints are not mixed', () => {
  const mixed = sum((amount: number) => (amount > 1 ? (2n as unknown as number) : amount)); // a bug
  expect(codeOf(() => mixed.aggregator(1, 2))).toBe('BAD_NUMBER');
});

it.each(cases.filter(({ name }) => name === 'sum' || name === 'average'))(
  '$name does not leave the safe integers, neither up nor down',
  ({ ready }) => {
    for (const sign of [1, -1]) {
      const most = sign * Number.MAX_SAFE_INTEGER;
      const full = ready.aggregator(ready.initializer(), { amount: most });
      expect(codeOf(() => ready.aggregator(full, { amount: sign }))).toBe('OVERFLOW');
      expect(codeOf(() => ready.merger(full, full))).toBe('OVERFLOW');
    }
    expect(codeOf(() => ready.aggregator(ready.initializer(), { amount: 2 ** 53 }))).toBe(
      'OVERFLOW',
    );
  },
);

it('bigints have no end', () => {
  const { aggregator, initializer } = sum((value: bigint) => value, { value: bigint() });
  expect(aggregator(aggregator(initializer(), 2n ** 80n), 1n)).toBe(2n ** 80n + 1n);
});

it('what it refuses is a processing error, which a policy may drop without a trace', () => {
  const builder = new TopologyBuilder('test');
  builder
    .stream('in', { key: string(), value: float64() })
    .groupByKey()
    .aggregate({ name: 'rows', onError: 'drop', ...sum((value) => value) })
    .toStream()
    .to('out');
  const driver = new TopologyTestDriver(builder.build());
  driver.send(
    'in',
    [1, NaN, 2].map((value) => ({ key: 'k', value })),
  );
  expect(driver.read('out').map(({ value }) => value)).toEqual([1, 3]);
  expect(driver.drops().map(({ reason }) => reason)).toEqual(['processing']);
});
