import { describe, expect, it } from 'vitest';
import {
  type CountDistinctOptions,
  every,
  type IdSelector,
  json,
  number,
  onClose,
  onCommit,
  onUpdate,
  string,
  type TimeWindows,
  type Topology,
  TopologyBuilder,
  TopologyError,
  tumbling,
  hopping,
  type WindowedCountDistinctOptions,
} from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { expectInEveryRunMode } from '../support/expect-in-every-run-mode.ts';
import { levelDriver } from '../support/level-driver.ts';

const same: IdSelector<string, string, string> = (value) => value;

function counting(options: Partial<CountDistinctOptions<string>> = {}, by = same): Topology {
  const builder = new TopologyBuilder('test');
  builder
    .stream('in', { key: string(), value: string(), tombstones: 'keep' })
    .groupByKey()
    .countDistinct((value, key) => by(value ?? '', key), { name: 'ids', id: string(), ...options })
    .toStream()
    .to('out');
  return builder.build();
}

type WindowedOptions = Partial<WindowedCountDistinctOptions<string, string, string>>;

function windowedCounting(windows: TimeWindows, options: WindowedOptions = {}, by = same) {
  const builder = new TopologyBuilder('test');
  builder
    .stream('in', { key: string(), value: string() })
    .groupByKey()
    .windowedBy(windows)
    .countDistinct(by, { name: 'ids', id: string(), ...options })
    .toStream()
    .to('out');
  return builder.build();
}

const at = (key: string | null, value: string | null, timestamp: number) => ({
  topic: 'in',
  key,
  value,
  timestamp,
});

const row = (key: string, value: number, timestamp: number) => ({ key, value, timestamp });

/** A count of the window `[startMs, startMs + 10)`. */
const windowRow = (key: string, startMs: number, value: number, timestamp: number) =>
  ({ key: { key, startMs, endMs: startMs + 10 }, value, timestamp }) as const;

const kinds = [
  { kind: 'exact', precision: {} },
  { kind: 'estimated', precision: { precision: 14 } },
] as const;

describe.each(kinds)('$kind', ({ precision }) => {
  it('an id counts once for each key; one that is known leaves the row as it was', () =>
    expectInEveryRunMode({
      topology: counting(precision),
      input: [at('k', 'u1', 1), at('k', 'u1', 9), at('k', 'u2', 3), at('j', 'u1', 2)],
      output: { out: [row('k', 1, 1), row('k', 2, 3), row('j', 1, 2)] },
      drops: [],
    }));

  it('a row has the greatest time of the records that changed it', () =>
    expectInEveryRunMode({
      topology: counting(precision),
      input: [at('k', 'u1', 5), at('k', 'u2', 3), at('k', 'u1', 8), at('k', 'u3', 6)],
      output: { out: [row('k', 1, 5), row('k', 2, 5), row('k', 3, 6)] },
    }));

  it('null keys, null values and null ids are dropped', () => {
    const by = (value: string) => (value === '-' ? null : value);
    return expectInEveryRunMode({
      topology: counting(precision, by),
      input: [
        at(null, 'u', 1),
        at('k', null, 2),
        at('k', '-', 3),
        at(null, '-', 4),
        at('k', 'u', 5),
      ],
      output: { out: [row('k', 1, 5)] },
      drops: ['null-key', 'null-value', 'null-value', 'null-key'],
    });
  });

  it('each window has ids of its own', () =>
    expectInEveryRunMode({
      topology: windowedCounting(hopping(10, { every: 5, grace: 0 }), precision),
      input: [at('a', 'u1', 7), at('a', 'u1', 12), at('a', 'u2', 9), at('a', 'u1', 9)],
      output: {
        out: [
          windowRow('a', 0, 1, 7),
          windowRow('a', 5, 1, 7),
          windowRow('a', 10, 1, 12),
          windowRow('a', 5, 2, 9),
        ],
      },
    }));

  it('with onClose() a window tells its count once', () =>
    expectInEveryRunMode({
      topology: windowedCounting(tumbling(10, { grace: 5 }), { ...precision, emit: onClose() }),
      input: [
        at('a', 'u1', 1),
        at('a', 'u2', 12),
        at('a', 'u2', 8),
        at('a', 'u2', 9),
        at('b', 'x', 15),
      ],
      output: { out: [windowRow('a', 0, 2, 8)] },
      drops: [],
    }));

  it('a null id is told before a late time, and the late stream does not get it', () => {
    const builder = new TopologyBuilder('test');
    builder
      .stream('in', { key: string(), value: string() })
      .groupByKey()
      .windowedBy(tumbling(10, { grace: 0 }))
      .countDistinct((value) => (value === '-' ? null : value), {
        name: 'ids',
        id: string(),
        ...precision,
        late: (late) => late.to('late'),
      });
    return expectInEveryRunMode({
      topology: builder.build(),
      input: [at('a', 'u1', 50), at('a', '-', 1), at('a', 'u2', 2)],
      output: { late: [{ key: 'a', value: 'u2', timestamp: 2 }] },
      drops: ['null-value', 'late'],
    });
  });

  it.each(Object.entries({ onUpdate, onClose, onCommit, every: () => every(7) }))(
    'under %s() what is kept of ids goes when their window closes, whatever the retention',
    (_name, emit) => {
      const windows = tumbling(10, { grace: 20 });
      const options = { ...precision, emit: emit(), retention: 1000 };
      const driver = new TopologyTestDriver(windowedCounting(windows, options));
      for (let time = 0; time < 200; time += 2) driver.send('in', at('a', `u${time}`, time));
      const beside = 'precision' in precision ? 'ids-registers' : 'ids-ids';
      // Open at 198 are the windows that end after 178: three, with five ids each.
      const perWindow = 'precision' in precision ? 1 : 5;
      expect(driver.store('ids').entries()).toHaveLength(20);
      expect(driver.store(beside).entries()).toHaveLength(3 * perWindow);
    },
  );

  it('is restored from disk as from memory', () =>
    expectInEveryRunMode(
      {
        topology: windowedCounting(tumbling(10, { grace: 5 }), precision),
        input: [
          at('a', 'u1', 1),
          at('a', 'u1', 2),
          at('a', 'u2', 3),
          at('b', 'u1', 16),
          at('a', 'u3', 17),
        ],
        output: {
          out: [
            windowRow('a', 0, 1, 1),
            windowRow('a', 0, 2, 3),
            windowRow('b', 10, 1, 16),
            windowRow('a', 10, 1, 17),
          ],
        },
      },
      levelDriver,
    ));

  it('a `by` that returns undefined is an error, and leaves nothing', () => {
    const by = (value: string) => (value === '-' ? (undefined as unknown as null) : value); // forgot
    const driver = new TopologyTestDriver(counting({ ...precision, onError: 'drop' }, by));
    driver.send('in', [at('k', '-', 1), at('k', 'u1', 2)]);
    expect(driver.drops().map(({ reason }) => reason)).toEqual(['processing']);
    expect(driver.read('out')).toMatchObject([row('k', 1, 2)]);
    const failing = new TopologyTestDriver(counting(precision, by));
    expect(() => failing.send('in', at('k', '-', 1))).toThrow(/UNDEFINED_VALUE|returned undefined/);
  });
});

it('ids are compared by their bytes, and keys that meet in them are told apart', () => {
  const builder = new TopologyBuilder('test');
  builder
    .stream('in', { key: string(), value: json<{ id: object }>() })
    .groupByKey()
    .countDistinct(({ id }) => id, { name: 'ids', id: json<object>() })
    .toStream()
    .to('out');
  const driver = new TopologyTestDriver(builder.build());
  driver.send('in', [
    { key: 'k', value: { id: { a: 1, b: 2 } } },
    { key: 'k', value: { id: { a: 1, b: 2 } } },
    { key: 'k', value: { id: { b: 2, a: 1 } } },
  ]);
  expect(driver.read('out').map(({ value }) => value)).toEqual([1, 2]);
  const plain = new TopologyTestDriver(counting());
  plain.send('in', [at('ab', 'c', 1), at('a', 'bc', 2)]);
  expect(plain.read('out')).toMatchObject([row('ab', 1, 1), row('a', 1, 2)]);
});

it('ids may be of any type that has a serde', () => {
  const builder = new TopologyBuilder('test');
  builder
    .stream('in', { key: string(), value: number() })
    .groupByKey()
    .countDistinct((value) => value % 3, { name: 'ids', id: number() })
    .toStream()
    .to('out');
  const driver = new TopologyTestDriver(builder.build());
  driver.send(
    'in',
    [1, 4, 7, 2, 3].map((value) => ({ key: 'k', value })),
  );
  expect(driver.read('out').map(({ value }) => value)).toEqual([1, 2, 3]);
});

it('a changed key writes a topic, and the ids lie where the new key does', () => {
  const builder = new TopologyBuilder('test');
  builder
    .stream('in', { key: string(), value: string() })
    .groupBy((value) => value.slice(0, 1), { name: 'by-letter', key: string() })
    .countDistinct((value) => value, { name: 'ids', id: string() })
    .toStream()
    .to('out');
  return expectInEveryRunMode({
    topology: builder.build(),
    input: [at('x', 'a1', 1), at('y', 'a2', 2), at('z', 'a1', 3), at('x', 'b1', 4)],
    output: { out: [row('a', 1, 1), row('a', 2, 2), row('b', 1, 4)] },
  });
});

it.each([3, 19, 4.5, NaN])('a precision of %d is a problem of the plan', (precision) => {
  for (const build of [
    () => counting({ precision }),
    () => windowedCounting(tumbling(10, { grace: 0 }), { precision }),
  ]) {
    expect(build).toThrow(TopologyError);
    expect(build).toThrow(/BAD_OPTION.*'ids'.*from 4 to 18/);
  }
});

it('a stream sees the count as it is', () => {
  const builder = new TopologyBuilder('test');
  const stream = builder.stream('in', { key: string(), value: string() });
  const table = stream.groupByKey().countDistinct(same, { name: 'ids', id: string() });
  stream
    .groupByKey()
    .count({ name: 'all' })
    .toStream()
    .join(table, (all, ids) => `${ids} of ${all}`, { value: string() })
    .to('out');
  const driver = new TopologyTestDriver(builder.build());
  driver.send('in', [at('k', 'a', 1), at('k', 'a', 2), at('k', 'b', 3)]);
  expect(driver.read('out').map(({ value }) => value)).toEqual(['1 of 1', '1 of 2', '2 of 3']);
});
