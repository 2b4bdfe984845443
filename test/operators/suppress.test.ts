import { describe, expect, it } from 'vitest';
import {
  every,
  type KTable,
  type SerdesKnown,
  string,
  type SuppressForOptions,
  TopologyBuilder,
  tumbling,
  unlimited,
  type Windowed,
} from '../../src/index.ts';
import { operatorNode } from '../../src/operators/internal/node.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { expectInEveryRunMode } from '../support/expect-in-every-run-mode.ts';
import { at } from '../support/records.ts';
import { thrownBy } from '../support/thrown.ts';

type Table = KTable<string, string>;
type Counts = KTable<Windowed<string>, number>;

function ofTable(build: (table: Table) => Table) {
  const builder = new TopologyBuilder('test');
  const table = builder.table('in', { name: 'rows', key: string(), value: string() });
  build(table).toStream().to('out');
  return builder.build();
}

function suppressing(options: Omit<SuppressForOptions, 'name'>) {
  return ofTable((table) => table.suppress({ name: 'calm', ...options }));
}

function ofCounts(build: (counts: Counts) => Counts, grace = 0) {
  const builder = new TopologyBuilder('test');
  const grouped = builder.stream('in', { key: string(), value: string() }).groupByKey();
  const counts = grouped.windowedBy(tumbling(10, { grace })).count({ name: 'counts' });
  build(counts).toStream().to('out');
  return builder.build();
}

const row = (key: string, value: string | null, timestamp: number) => ({ key, value, timestamp });
const count = (key: string, startMs: number, value: number | null, timestamp: number) => ({
  key: { key, startMs, endMs: startMs + 10 },
  value,
  timestamp,
});

describe('for a time', () => {
  it('what is due leaves before the record that makes it due, which waits anew', () =>
    expectInEveryRunMode({
      topology: suppressing({ for: 10 }),
      input: [at('k', 0, 'a'), at('k', 10, 'b'), at('x', 19), at('x', 20)],
      output: { out: [row('k', 'a', 0), row('k', 'b', 10)] },
    }));

  it('the first change sets the time, the last what is told, and what came and went is not', () =>
    expectInEveryRunMode({
      topology: suppressing({ for: 10 }),
      input: [
        at('k', 5, 'a'),
        at('gone', 6, 'a'),
        at('k', 3, 'b'),
        at('gone', 7, null),
        at('x', 100, 'x'),
      ],
      output: { out: [row('k', 'b', 3)] },
    }));

  it('a first change that is due already leaves behind its record', () =>
    expectInEveryRunMode({
      topology: suppressing({ for: 10 }),
      input: [at('x', 50, 'x'), at('k', 40, 'a'), at('k', 30, 'b'), at('k', 41, 'c')],
      output: { out: [row('k', 'a', 40), row('k', 'b', 30)] },
    }));

  it('rows due at one time leave in the order of their encoded keys', () =>
    expectInEveryRunMode({
      topology: suppressing({ for: 10 }),
      input: [at('b', 1), at('é', 1), at('a\0', 1), at('a', 1), at('b', 2, 'w'), at('x', 11)],
      output: {
        out: [row('a', 'v', 1), row('a\0', 'v', 1), row('b', 'w', 2), row('é', 'v', 1)],
      },
    }));

  it('for no time it forwards each change after its record', () =>
    expectInEveryRunMode({
      topology: suppressing({ for: 0 }),
      input: [at('k', 1, 'a'), at('k', 0, 'b'), at('k', 2, null), at('k', 3, null)],
      output: { out: [row('k', 'a', 1), row('k', 'b', 0), row('k', null, 2)] },
    }));

  it('keeps the time of a row until the row is deleted', () => {
    const driver = new TopologyTestDriver(suppressing({ for: 10 }));
    driver.send('in', [at('k', 0, 'a'), at('x', 10)]);
    expect(driver.store('calm').entries()).toHaveLength(2);
    driver.send('in', [at('k', 11, null), at('x', 12, null), at('y', 30), at('y', 50, null)]);
    driver.send('in', [at('z', 70), at('z', 71, null), at('w', 90)]);
    expect(
      driver
        .store('calm')
        .entries()
        .map(([key]) => key),
    ).toEqual(['w']);
  });
});

describe('for a time, with windows', () => {
  const topology = () => ofCounts((counts) => counts.suppress({ name: 'calm', for: 4 }), 5);

  it('rows of one time leave in the order of key and window', () =>
    expectInEveryRunMode({
      topology: topology(),
      input: [at('b', 9), at('a', 10), at('a', 9), at('a', 9), at('c', 14), at('c', 15)],
      output: {
        out: [count('a', 0, 2, 9), count('b', 0, 1, 9), count('a', 10, 1, 10)],
      },
    }));

  it('nothing is kept of windows that have closed', () => {
    const driver = new TopologyTestDriver(topology());
    driver.send('in', [at('a', 1), at('a', 8), at('a', 13)]);
    expect(driver.store('calm').entries()).toHaveLength(2);
    driver.send('in', [at('b', 100)]);
    expect(driver.store('calm').entries()).toHaveLength(1);
    expect(driver.read('out')).toMatchObject([
      count('a', 0, 1, 1),
      count('a', 0, 2, 8),
      count('a', 10, 1, 13),
    ]);
  });
});

describe('until the close', () => {
  it('each window leaves once, as it is at its close, in the order of keys', () =>
    expectInEveryRunMode({
      topology: ofCounts((counts) => counts.suppress({ name: 'final', until: 'close' }), 5),
      input: [
        at('b', 1),
        at('a', 4),
        at('a', 12),
        at('a', 8),
        at('x', 15),
        at('a', 9),
        at('x', 99),
      ],
      output: {
        out: [
          count('a', 0, 2, 8),
          count('b', 0, 1, 1),
          count('a', 10, 1, 12),
          count('x', 10, 1, 15),
        ],
      },
      drops: ['late'],
    }));

  it('a table derived from one with windows knows them too', () =>
    expectInEveryRunMode({
      topology: ofCounts((counts) =>
        counts
          .filter((value) => value !== 2)
          .mapValues((value) => value * 10, { value: { ...numberText } })
          .suppress({ name: 'final', until: 'close' }),
      ),
      input: [at('a', 1), at('b', 1), at('b', 2), at('x', 10)],
      output: { out: [count('a', 0, 10, 1)] },
    }));

  it('what is told of a window after its close goes on at once', () => {
    const builder = new TopologyBuilder('test');
    builder
      .stream('in', { key: string(), value: string() })
      .groupByKey()
      .windowedBy(tumbling(10, { grace: 0 }))
      .count({ name: 'counts', emit: every(7) })
      .suppress({ name: 'final', until: 'close' })
      .toStream()
      .to('out');
    return expectInEveryRunMode({
      topology: builder.build(),
      input: [at('a', 1), at('a', 8), at('x', 10), at('x', 14)],
      output: { out: [count('a', 0, 1, 1), count('a', 0, 2, 8)] },
    });
  });

  it('needs windows that close, and says so', () => {
    const never = () => {
      const builder = new TopologyBuilder('test');
      const grouped = builder.stream('in', { key: string(), value: string() }).groupByKey();
      const counts = grouped.windowedBy(unlimited({ from: 0 })).count({ name: 'counts' });
      counts.suppress({ name: 'final', until: 'close' });
    };
    expect(thrownBy(never).code).toBe('BAD_OPTION');
    const unknown = () =>
      ofTable((table) => {
        const windowed = table as unknown as KTable<Windowed<string>, string>; // as from a topic
        return windowed.suppress({ name: 'final', until: 'close' }) as unknown as Table; // likewise
      });
    expect(thrownBy(unknown).code).toBe('BAD_OPTION');
  });

  it('cannot be joined where the rows are gone as they leave', () => {
    const joined = (retention: number) => () => {
      const builder = new TopologyBuilder('test');
      const grouped = builder.stream('in', { key: string(), value: string() }).groupByKey();
      const windowed = grouped.windowedBy(tumbling(10, { grace: 0 }));
      const final = windowed
        .count({ name: 'counts', retention })
        .suppress({ name: 'final', until: 'close' });
      const asking = windowed.count({ name: 'asking' }).toStream();
      asking.join(final, (own, seen) => own - seen, { value: { ...numberText } }).to('out');
      return builder.build();
    };
    expect(thrownBy(joined(0)).code).toBe('TABLE_NOT_VISIBLE');
    expect(joined(1)).not.toThrow();
  });
});

/** Small numbers as text. */
const numberText = {
  format: 'number-text',
  version: 1,
  serialize: String,
  deserialize: (bytes: Uint8Array) => Number(Buffer.from(bytes).toString()),
};

describe('with a bound', () => {
  it('the key that has waited longest makes room', () =>
    expectInEveryRunMode({
      topology: suppressing({ for: 100, maxKeys: 2, whenFull: 'emit-oldest' }),
      input: [
        at('a', 1),
        at('b', 2),
        at('a', 3, 'w'),
        at('c', 4),
        at('a', 5, 'x'),
        at('b', 6, null),
        at('d', 7),
        at('x', 107),
      ],
      output: {
        out: [
          row('a', 'w', 3),
          row('b', 'v', 2),
          row('c', 'v', 4),
          row('a', 'x', 5),
          row('b', null, 6),
          row('d', 'v', 7),
        ],
      },
    }));

  it('keys that have left make room too', () =>
    expectInEveryRunMode({
      topology: suppressing({ for: 10, maxKeys: 2, whenFull: 'fail' }),
      input: [at('a', 1), at('b', 2), at('c', 11), at('d', 12), at('x', 22)],
      output: {
        out: [row('a', 'v', 1), row('b', 'v', 2), row('c', 'v', 11), row('d', 'v', 12)],
      },
    }));

  it('a key too many is an error where none may leave early', () => {
    const driver = new TopologyTestDriver(suppressing({ for: 10, maxKeys: 1 }));
    driver.send('in', [at('a', 1), at('a', 2)]);
    expect(thrownBy(() => driver.send('in', at('b', 3))).code).toBe('SUPPRESS_FULL');
  });

  it('that is none is refused, and so is one that would let rows leave before their close', () => {
    for (const maxKeys of [0, -1, 1.5, NaN]) {
      expect(thrownBy(() => suppressing({ for: 1, maxKeys })).code).toBe('BAD_OPTION');
    }
    const early = { name: 'final', until: 'close', whenFull: 'emit-oldest' };
    const untyped = early as unknown as { name: string; until: 'close' }; // as untyped callers give it
    expect(thrownBy(() => ofCounts((counts) => counts.suppress(untyped))).code).toBe('BAD_OPTION');
  });
});

it('a lookup finds what was forwarded last, and its time', () => {
  const builder = new TopologyBuilder('test');
  const { handle } = builder
    .table('in', { name: 'rows', key: string(), value: string() })
    .suppress({ name: 'calm', for: 10 });
  const asked = builder.stream('asked', { key: string(), value: string() });
  const node = operatorNode<string, string, string, string>({
    kind: 'asking',
    name: 'asking',
    parents: [asked.handle.node],
    lookups: [handle.node],
    createProcessor(context) {
      const find = context.lookup<string, string>(handle.node);
      return {
        process(record) {
          const found = find(record.key);
          const value = found === null ? '-' : `${found.value}@${found.timestamp}`;
          context.forward({ ...record, value });
        },
      };
    },
  });
  handle.draft.handles
    .stream<string, string, SerdesKnown>({ ...asked.handle, node: handle.draft.add(node) })
    .to('out');
  const ask = (timestamp: number) => ({ ...at('k', timestamp), topic: 'asked' });
  return expectInEveryRunMode({
    topology: builder.build(),
    input: [
      at('k', 0, 'a'),
      at('k', 2, 'b'),
      ask(1),
      at('x', 10),
      ask(2),
      at('k', 11, 'c'),
      ask(3),
      at('k', 12, null),
      ask(4),
      at('x', 21),
      ask(5),
    ],
    output: {
      out: ['-', 'b@2', 'b@2', 'b@2', '-'].map((value, index) => row('k', value, index + 1)),
    },
  });
});

it('old is what was forwarded before', () => {
  const told: string[] = [];
  const topology = ofTable((table) => {
    const calm = table.suppress({ name: 'calm', for: 10 });
    // Asked of the old value, then of the new one.
    return calm.filter((value) => told.push(value) > 0);
  });
  const driver = new TopologyTestDriver(topology);
  driver.send('in', [at('k', 0, 'a'), at('k', 1, 'b'), at('x', 10, 'x'), at('k', 11, 'c')]);
  driver.send('in', [at('k', 12, 'd'), at('y', 21, 'y')]);
  expect(told).toEqual(['b', 'x', 'b', 'd']);
});
