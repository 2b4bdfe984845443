import { describe, expect, it } from 'vitest';
import {
  calendar,
  every,
  onClose,
  string,
  type TimeWindows,
  TopologyBuilder,
  unlimited,
  windowed,
  type WindowedAggregationOptions,
} from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { expectInEveryRunMode } from '../support/expect-in-every-run-mode.ts';
import { thrownBy } from '../support/thrown.ts';

type Options = Omit<WindowedAggregationOptions<string, string>, 'name'>;

function counting(windows: TimeWindows, options: Options = {}) {
  const builder = new TopologyBuilder('test');
  builder
    .stream('in', { key: string(), value: string(), maxFuture: 'off' })
    .groupByKey()
    .windowedBy(windows)
    .count({ name: 'counts', late: (late) => late.to('late'), ...options })
    .toStream()
    .to('out');
  return builder.build();
}

const at = (key: string | null, time: string | number) => ({
  topic: 'in',
  key,
  value: 'v',
  timestamp: new Date(time).getTime(),
});

const count = (key: string, [start, end]: readonly [string, string], value: number) => ({
  key: { key, startMs: Date.parse(start), endMs: Date.parse(end) },
  value,
});

describe('calendar windows', () => {
  const day = (grace: number) => calendar('day', { zone: 'Europe/Berlin', grace });
  const march30 = ['2024-03-29T23:00Z', '2024-03-30T23:00Z'] as const;
  const march31 = ['2024-03-30T23:00Z', '2024-03-31T22:00Z'] as const;

  it('take records out of order inside the grace, and none after it', () =>
    expectInEveryRunMode({
      topology: counting(day(3_600_000)),
      input: [
        at('a', '2024-03-30T23:59:59.999Z'),
        at('a', '2024-03-30T22:59:59.999Z'),
        at('a', '2024-03-30T23:00Z'),
        at('a', '2024-03-31T00:00Z'),
        at('a', '2024-03-30T22:00Z'),
      ],
      output: {
        out: [
          { ...count('a', march31, 1), timestamp: Date.parse('2024-03-30T23:59:59.999Z') },
          { ...count('a', march30, 1), timestamp: Date.parse('2024-03-30T22:59:59.999Z') },
          { ...count('a', march31, 2), timestamp: Date.parse('2024-03-30T23:59:59.999Z') },
          { ...count('a', march31, 3), timestamp: Date.parse('2024-03-31T00:00Z') },
        ],
        late: [{ key: 'a', value: 'v', timestamp: Date.parse('2024-03-30T22:00Z') }],
      },
      drops: ['late'],
    }));

  it('close at their end in the zone', () =>
    expectInEveryRunMode({
      topology: counting(day(0), { emit: onClose() }),
      input: [
        at('b', '2024-03-31T10:00Z'),
        at('a', '2024-03-31T21:59:59.999Z'),
        at('c', '2024-03-31T22:00Z'),
      ],
      output: {
        out: [
          { ...count('a', march31, 1), timestamp: Date.parse('2024-03-31T21:59:59.999Z') },
          { ...count('b', march31, 1), timestamp: Date.parse('2024-03-31T10:00Z') },
        ],
      },
    }));

  it('may start before 1970, and come in order all the same', () => {
    const windows = calendar('day', { zone: 'Europe/Berlin', grace: '3d' });
    return expectInEveryRunMode({
      topology: counting(windows, { emit: every('2d') }),
      input: [at('a', '1970-01-01T23:00Z'), at('a', 0), at('z', '1970-01-03T00:00Z')],
      output: {
        out: [
          { ...count('a', ['1969-12-31T23:00Z', '1970-01-01T23:00Z'], 1), timestamp: 0 },
          { ...count('a', ['1970-01-01T23:00Z', '1970-01-02T23:00Z'], 1), timestamp: 82_800_000 },
        ],
      },
    });
  });

  it('have both bounds in their keys on topics', () => {
    const serde = windowed(string(), day(0));
    const key = { key: 'k', startMs: -3_600_000, endMs: 82_800_000 };
    const bytes = serde.serialize(key);
    expect(Buffer.from(bytes).toString('hex')).toBe('6bffffffffffc911800000000004ef6d80');
    expect(serde.deserialize(Buffer.from(bytes))).toEqual(key);
    expect(serde.partitionBytes?.(Buffer.from(bytes))).toEqual(Buffer.from('k'));
    expect(thrownBy(() => serde.serialize({ ...key, endMs: key.startMs })).code).toBe(
      'SERIALIZATION',
    );
    expect(thrownBy(() => serde.deserialize(Buffer.alloc(15))).code).toBe('DESERIALIZATION');
    expect(thrownBy(() => serde.deserialize(Buffer.alloc(16))).code).toBe('DESERIALIZATION');
  });

  it('are told apart in the manifest by unit, zone and start of the week, not by the grace', () => {
    const detailOf = (windows: TimeWindows) =>
      counting(windows).subTopologies[0]?.stores[0]?.schema.detail;
    const zone = 'Europe/Berlin';
    expect(detailOf(calendar('week', { zone, grace: 5 }))).toEqual({
      kind: 'calendar',
      unit: 'week',
      zone,
      weekStart: 'monday',
    });
    expect(detailOf(unlimited({ from: 7 }))).toEqual({ kind: 'unlimited', fromMs: 7 });
  });
});

describe('an unlimited window', () => {
  const forever = (key: string, value: number, timestamp: number) => ({
    key: { key, startMs: 10, endMs: Number.MAX_SAFE_INTEGER },
    value,
    timestamp,
  });

  it('takes all from its start on, however old', () =>
    expectInEveryRunMode({
      topology: counting(unlimited({ from: 10 })),
      input: [at('a', 9), at('a', 10), at('b', 8.64e15), at(null, 3), at('a', 11), at('a', 0)],
      output: {
        out: [forever('a', 1, 10), forever('b', 1, 8.64e15), forever('a', 2, 11)],
        late: [],
      },
      drops: ['before-window', 'null-key', 'before-window'],
    }));

  it('is emitted by every(), and its row stays', () => {
    const driver = new TopologyTestDriver(
      counting(unlimited({ from: 10 }), { emit: every(100), retention: 5 }),
    );
    driver.send('in', [at('a', 10), at('a', 20), at('b', 100), at('b', 9e12)]);
    expect(driver.read('out')).toMatchObject([forever('a', 2, 20), forever('b', 1, 100)]);
    expect(driver.store('counts').entries()).toHaveLength(2);
  });

  it('never closes, so onClose() is refused', () => {
    const error = thrownBy(() => counting(unlimited({ from: 0 }), { emit: onClose() }));
    expect(error.code).toBe('BAD_EMIT');
  });

  it('has its start alone in its keys on topics', () => {
    const serde = windowed(string(), unlimited({ from: 10 }));
    const { key } = forever('k', 1, 10);
    expect(Buffer.from(serde.serialize(key))).toEqual(Buffer.from('6b000000000000000a', 'hex'));
    expect(serde.deserialize(Buffer.from('6b000000000000000a', 'hex'))).toEqual(key);
    const other = Buffer.from('6b000000000000000b', 'hex');
    expect(thrownBy(() => serde.deserialize(other)).code).toBe('DESERIALIZATION');
    expect(thrownBy(() => serde.serialize({ ...key, endMs: 11 })).code).toBe('SERIALIZATION');
  });
});
