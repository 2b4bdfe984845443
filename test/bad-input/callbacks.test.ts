import { describe, expect, it } from 'vitest';
import {
  type ErrorPolicy,
  type Headers,
  int64,
  json,
  string,
  TopologyBuilder,
  type TopologyBuilderOptions,
} from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { thrownBy } from '../support/thrown.ts';

const text = { key: string(), value: string() };

type Define = (builder: TopologyBuilder) => void;

function driverOf(define: Define, options: TopologyBuilderOptions = {}) {
  const builder = new TopologyBuilder('app', options);
  define(builder);
  return new TopologyTestDriver(builder.build());
}

const nothing = (() => undefined) as unknown as () => string; // a forgotten `return`

describe('a callback that returns undefined deletes nothing', () => {
  const forgetful: Record<string, Define> = {
    mapValues: (builder) =>
      builder.stream('in', text).mapValues(nothing, { value: string() }).to('out'),
    reduce: (builder) => {
      builder.stream('in', text).groupByKey().reduce(nothing, { name: 'rows' });
    },
    aggregate: (builder) => {
      const aggregate = { initializer: () => '', aggregator: nothing, value: string() };
      builder
        .stream('in', text)
        .groupByKey()
        .aggregate({ name: 'rows', ...aggregate });
    },
    initializer: (builder) => {
      const aggregate = { initializer: nothing, aggregator: () => '', value: string() };
      builder
        .stream('in', text)
        .groupByKey()
        .aggregate({ name: 'rows', ...aggregate });
    },
    join: (builder) => {
      const table = builder.table('table', { name: 'rows', ...text });
      builder.stream('in', text).leftJoin(table, nothing, { value: string() }).to('out');
    },
    'table mapValues': (builder) => {
      const table = builder.table('in', { name: 'rows', ...text });
      table.mapValues(nothing, { value: string() }).toStream().to('out');
    },
    'topic of a sink': (builder) => builder.stream('in', text).to(nothing),
  };

  it.each(Object.entries(forgetful))('%s', (_label, define) => {
    const driver = driverOf(define);
    const error = thrownBy(() => {
      driver.send('in', { key: 'a', value: '1' });
      driver.send('in', { key: 'a', value: '2' });
    });
    expect(error.code).toBe('UNDEFINED_VALUE');
    expect(error.where.node).toBeDefined();
  });
});

describe('a user function that throws', () => {
  const throwing = (at: number, onError?: ErrorPolicy): Define => {
    let calls = 0;
    const aggregator = (sum: number, value: number) => {
      calls += 1;
      if (calls === at) throw new RangeError('boom');
      return sum + value;
    };
    return (builder) =>
      builder
        .stream('in', { key: string(), value: int64() })
        .groupByKey()
        .aggregate({
          name: 'sums',
          initializer: () => 0,
          aggregator,
          value: int64(),
          ...(onError === undefined ? {} : { onError }),
        })
        .toStream()
        .to('out');
  };
  const records = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ key: 'a', value: 1, timestamp: n }));

  it.each([1, 5000])('at record %i is named with the record', (at) => {
    const error = thrownBy(() => driverOf(throwing(at)).send('in', records(5000)));
    expect([error.code, error.where.node, error.where.offset]).toEqual([
      'PROCESSING',
      'sums',
      at - 1,
    ]);
    expect(error.cause).toBeInstanceOf(RangeError);
    expect((error.cause as Error).stack).toContain('callbacks.test.ts'); // a RangeError
  });

  it.each([1, 5000])('at record %i costs that record alone where its policy says so', (at) => {
    for (const policy of ['drop', 'dead-letter'] as const) {
      const driver = driverOf(throwing(at, policy), { deadLetter: 'dead' });
      driver.send('in', records(5000));
      expect(driver.store('sums').get('a')).toBe(4999);
      expect(driver.read('out')).toHaveLength(4999);
      expect(driver.drops()).toMatchObject([
        { reason: 'processing', node: 'sums', offset: at - 1 },
      ]);
      expect(driver.read('dead')).toHaveLength(policy === 'drop' ? 0 : 1);
      driver.crash();
      expect(driver.store('sums').get('a')).toBe(4999);
    }
  });

  it.each([['text'], [null], [undefined], [Object.create(null) as object]])(
    'may throw anything',
    (thrown) => {
      const driver = driverOf((builder) =>
        builder
          .stream('in', text)
          .filter(() => {
            throw thrown;
          })
          .to('out'),
      );
      const error = thrownBy(() => driver.send('in', { key: 'a', value: 'v' }));
      expect([error.code, error.where.node]).toEqual(['PROCESSING', 'filter-1']);
    },
  );
});

it('a partitioner that gives no partition is a production error of its sink', () => {
  for (const given of [-1, 1, 0.5, NaN, undefined]) {
    const partitioner = { name: 'own', partition: () => given as number }; // as a user may claim
    const define: Define = (builder) =>
      builder.stream('in', text).to('out', { name: 'writer', partitioner });
    const error = thrownBy(() => driverOf(define).send('in', { key: 'a', value: 'v' }));
    expect([error.code, error.where.node]).toEqual(['SERIALIZATION', 'writer']);
  }
});

it('an output that its serde cannot write is a production error of its sink', () => {
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  const define =
    (onError: ErrorPolicy): Define =>
    (builder) =>
      builder
        .stream('in', text)
        .mapValues((value) => (value === 'bad' ? cyclic : { value }), {
          value: json<Record<string, unknown>>(),
        })
        .to('out', { name: 'writer', onError });
  const error = thrownBy(() => driverOf(define('fail')).send('in', { key: 'a', value: 'bad' }));
  expect([error.code, error.where.node]).toEqual(['SERIALIZATION', 'writer']);
  const driver = driverOf(define('drop'));
  driver.send('in', [
    { key: 'a', value: 'bad' },
    { key: 'a', value: 'good' },
  ]);
  expect(driver.read('out')).toHaveLength(1);
  expect(driver.dropped('production')).toBe(1);
});

describe('headers that are none are an error of the node that made them', () => {
  const none = [null, {}, new Map(), 'text', undefined] as unknown as Headers[]; // as in JavaScript

  it.each(none.slice(0, -1))('mapHeaders', (headers) => {
    const define: Define = (builder) =>
      builder
        .stream('in', text)
        .mapHeaders(() => headers)
        .to('out');
    const error = thrownBy(() => driverOf(define).send('in', { key: 'a', value: 'v' }));
    expect([error.code, error.where.node]).toEqual(['PROCESSING', 'map-headers-1']);
  });

  it.each(none)('process, whose policy then decides', (headers) => {
    const driver = driverOf((builder) =>
      builder
        .stream('in', text)
        .process(
          {
            name: 'own',
            onError: 'drop',
            create: (context) => ({
              process: (record) => context.forward({ ...record, headers }),
            }),
          },
          text,
        )
        .to('out'),
    );
    driver.send('in', { key: 'a', value: 'v' });
    expect(driver.drops()).toMatchObject([{ reason: 'processing', node: 'own' }]);
  });
});
