import { describe, expect, it } from 'vitest';
import {
  json,
  keyValueStore,
  type Processor,
  type ProcessorContext,
  type Serde,
  string,
  TopologyBuilder,
  valueTime,
} from '../../../src/index.ts';
import { type DriverOptions, TopologyTestDriver } from '../../../src/testing.ts';
import { thrownBy } from '../../support/thrown.ts';

interface Item {
  tags: string[];
}

const serdes = { key: string(), value: json<Item>() };

type Define = (builder: TopologyBuilder) => void;

function driverOf(define: Define, options: DriverOptions = {}) {
  const builder = new TopologyBuilder('app');
  define(builder);
  return new TopologyTestDriver(builder.build(), options);
}

function sendTwo(driver: TopologyTestDriver): void {
  for (const tag of ['x', 'y']) driver.send('in', { key: 'a', value: { tags: [tag] } });
}

function mutate(item: Item): Item {
  item.tags.push('mutated');
  return item;
}

describe('a callback that mutates what it is given fails, in its own name', () => {
  const mutants: Record<string, readonly [node: string, define: Define]> = {
    'a mapper': [
      'map-values-1',
      (builder) =>
        builder.stream('in', serdes).mapValues(mutate, { value: json<Item>() }).to('out'),
    ],
    'an aggregator its aggregate': [
      'all',
      (builder) =>
        builder
          .stream('in', serdes)
          .groupByKey()
          .aggregate({
            name: 'all',
            initializer: (): string[] => [],
            aggregator(tags, item) {
              tags.push(...item.tags);
              return tags;
            },
            value: json<string[]>(),
          }),
    ],
    'a joiner its row': [
      'join',
      (builder) => {
        const table = builder.table('in', { name: 'rows', ...serdes });
        builder
          .stream('other', serdes)
          .join(table, (_left, row) => mutate(row), { name: 'join', value: json<Item>() })
          .to('out');
      },
    ],
    'a processor its row': [
      'own',
      (builder) => {
        const rows = keyValueStore({ name: 'rows', ...serdes });
        const create = (
          context: ProcessorContext<string, Item>,
        ): Processor<string | null, Item> => {
          const store = context.store(rows);
          return {
            process({ key, value, timestamp }) {
              const row = store.get(key ?? '');
              if (row !== undefined) mutate(row.value);
              store.put(key ?? '', { value, timestamp });
            },
          };
        };
        builder.stream('in', serdes).process({ name: 'own', stores: [rows], create }, serdes);
      },
    ],
    'a visitor of a scan': [
      'own',
      (builder) => {
        const rows = keyValueStore({ name: 'rows', ...serdes });
        const create = (
          context: ProcessorContext<string, Item>,
        ): Processor<string | null, Item> => {
          const store = context.store(rows);
          return {
            process({ key, value, timestamp }) {
              store.put(key ?? '', { value: { tags: [...value.tags] }, timestamp });
              context.scan(store, {}, ([, row]) => mutate(row.value));
            },
          };
        };
        builder.stream('in', serdes).process({ name: 'own', stores: [rows], create }, serdes);
      },
    ],
  };

  it.each(Object.entries(mutants))('%s', (_label, [node, define]) => {
    const error = thrownBy(() => {
      const driver = driverOf(define);
      sendTwo(driver);
      driver.send('other', { key: 'a', value: { tags: [] } });
    });
    expect([error.code, error.where.node]).toEqual(['PROCESSING', node]);
    expect(error.message).toMatch(/read only|not extensible/);
  });

  it('a timestamp extractor', () => {
    const timestamp = valueTime((item: Item) => item.tags.push('mutated'));
    const define: Define = (builder) => builder.stream('in', { ...serdes, timestamp }).to('out');
    expect(thrownBy(() => sendTwo(driverOf(define))).code).toBe('DESERIALIZATION');
  });
});

describe('what does not come back from its bytes is refused, in the name of its writer', () => {
  const lossy: Record<string, object> = {
    'a date': new Date(0),
    'a map': new Map([['a', 1]]),
    'an undefined field': { a: undefined },
    'not a number': { list: [1, NaN] },
    'an instance': new (class Point {
      x = 1;
    })(),
    'an own toJSON': { toJSON: () => 1 },
  };

  const any = json<object>();

  it.each(Object.entries(lossy))('%s, at a sink', (_label, value) => {
    const error = thrownBy(() =>
      sendTwo(
        driverOf((builder) =>
          builder
            .stream('in', serdes)
            .mapValues(() => value, { value: any })
            .to('out', { name: 'writer', onError: 'drop' }),
        ),
      ),
    );
    expect([error.code, error.where]).toEqual(['LOSSY_SERDE', { node: 'writer', topic: 'out' }]);
    expect(error.message).not.toContain('Cannot serialize');
  });

  it.each(Object.entries(lossy))('%s, in a store', (_label, value) => {
    const error = thrownBy(() =>
      sendTwo(
        driverOf((builder) => {
          builder
            .stream('in', serdes)
            .groupByKey()
            .aggregate({
              name: 'kept',
              initializer: (): object => ({}),
              aggregator: () => value,
              value: any,
            });
        }),
      ),
    );
    expect([error.code, error.where.store]).toEqual(['LOSSY_SERDE', 'kept']);
  });

  it('a key, at a repartition', () => {
    const define: Define = (builder) =>
      builder
        .stream('in', serdes)
        .groupBy((item) => ({ at: item.tags.length, by: undefined }), {
          name: 'by',
          key: json<{ at: number; by: undefined }>(),
        })
        .count({ name: 'counts' });
    const error = thrownBy(() => sendTwo(driverOf(define)));
    expect([error.code, error.where.node]).toEqual(['LOSSY_SERDE', 'by']);
  });

  it('a serde that cannot read what it wrote', () => {
    const oneWay: Serde<string> = {
      ...string(),
      deserialize() {
        throw new Error('no way back');
      },
    };
    const define: Define = (builder) =>
      builder
        .stream('in', serdes)
        .mapValues(() => 'v', { value: oneWay })
        .to('out');
    const error = thrownBy(() => sendTwo(driverOf(define)));
    expect(error.code).toBe('LOSSY_SERDE');
    expect(error.message).toContain('no way back');
  });
});

it('minus zero may come back as zero', () => {
  const driver = driverOf((builder) =>
    builder
      .stream('in', serdes)
      .mapValues(() => ({ list: [-0] }), { value: json<{ list: number[] }>() })
      .to('out'),
  );
  sendTwo(driver);
  expect(driver.read('out')).toHaveLength(2);
});

it("with checks 'off' nothing is looked at", () => {
  const define: Define = (builder) =>
    builder
      .stream('in', serdes)
      .mapValues((item) => ({ ...mutate(item), at: new Date(0) }), {
        value: json<{ tags: string[]; at: Date }>(),
      })
      .to('out');
  const driver = driverOf(define, { checks: 'off' });
  sendTwo(driver);
  expect(driver.read('out')).toHaveLength(2);
});
