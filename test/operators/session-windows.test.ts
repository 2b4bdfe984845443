import { describe, expect, it } from 'vitest';
import {
  every,
  onClose,
  onCommit,
  onUpdate,
  session,
  sessionWindowed,
  type Topology,
  string,
  TopologyBuilder,
} from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { expectInEveryRunMode } from '../support/expect-in-every-run-mode.ts';
import { at } from '../support/records.ts';
import { thrownBy } from '../support/thrown.ts';
import { counting, lookingUp, policies, refusals, seen } from '../support/windowed-counts.ts';

/** A count as `key, first, last, count`; its time is that of the last record. */
const count = (key: string, first: number, last: number, value: number | null) => ({
  key: { key, startMs: first, endMs: last + 1 },
  value,
  timestamp: last,
});

describe.each(Object.entries(policies))('under %s()', (_name, emit) => {
  const rows = (topology: Topology, until: number) => {
    const driver = new TopologyTestDriver(topology);
    // A session each 20 ms: two records 3 ms apart.
    for (let timestamp = 0; timestamp <= until; timestamp += 20) {
      driver.send('in', [at('a', timestamp), at('a', timestamp + 3)]);
    }
    return driver.store('counts').entries().length;
  };

  it('keeps what retention allows: rows go once their session has closed', () => {
    expect(rows(counting(session(5, { grace: 0 }), { emit: emit() }), 100)).toBe(1);
    expect(rows(counting(session(5, { grace: 40 }), { emit: emit() }), 100)).toBe(3);
    const retained = counting(session(5, { grace: 0 }), { emit: emit(), retention: 40 });
    expect(rows(retained, 100)).toBe(3);
  });

  it('a record without a key or value or that is late leaves nothing but its drop', () => {
    const driver = new TopologyTestDriver(counting(session(5, { grace: 0 }), { emit: emit() }));
    driver.send('in', [at('a', 50), at(null, 51), at('a', 44)]);
    expect(driver.drops().map(({ reason }) => reason)).toEqual(['null-key', 'late']);
    const left = driver.store('counts').entries();
    expect(left.map(([, value]) => value)).toEqual([1]);
  });
});

it('a record exactly the gap away is in the session, one further away is not', () =>
  expectInEveryRunMode({
    topology: counting(session(5, { grace: 0 })),
    input: [at('a', 10), at('a', 15), at('a', 21)],
    output: {
      out: [
        count('a', 10, 10, 1),
        count('a', 10, 10, null),
        count('a', 10, 15, 2),
        count('a', 21, 21, 1),
      ],
    },
  }));

it('equal timestamps count, and need no tombstone', () =>
  expectInEveryRunMode({
    topology: counting(session(5, { grace: 0 })),
    input: [at('a', 10), at('a', 10), at('b', 10)],
    output: { out: [count('a', 10, 10, 1), count('a', 10, 10, 2), count('b', 10, 10, 1)] },
    drops: [],
  }));

it('a session is open while stream time is below last + gap + grace + 1', () =>
  expectInEveryRunMode({
    topology: counting(session(5, { grace: 3 })),
    input: [at('a', 10), at('z', 18), at('a', 10), at('z', 19), at('a', 10)],
    output: {
      out: [
        count('a', 10, 10, 1),
        count('z', 18, 18, 1),
        count('a', 10, 10, 2),
        count('z', 18, 18, null),
        count('z', 18, 19, 2),
      ],
    },
    drops: ['late'],
  }));

it('a late record that meets an open session is taken by it', () =>
  expectInEveryRunMode({
    topology: counting(session(5, { grace: 0 })),
    input: [at('a', 20), at('z', 25), at('a', 16)],
    output: {
      out: [
        count('a', 20, 20, 1),
        count('z', 25, 25, 1),
        count('a', 20, 20, null),
        count('a', 16, 20, 2),
      ],
    },
    drops: [],
  }));

it('a closed session is never merged, even while retention keeps it', () =>
  expectInEveryRunMode({
    topology: counting(session(5, { grace: 0 }), { retention: 100 }),
    input: [at('a', 0), at('z', 5), at('z', 6), at('a', 5), at('a', 0)],
    output: {
      out: [
        count('a', 0, 0, 1),
        count('z', 5, 5, 1),
        count('z', 5, 5, null),
        count('z', 5, 6, 2),
        count('a', 5, 5, 1),
        count('a', 5, 5, null),
        count('a', 0, 5, 2),
      ],
    },
  }));

it('sessions that close at one time come in the order of their encoded keys', () =>
  expectInEveryRunMode({
    topology: counting(session(5, { grace: 0 }), { emit: onClose() }),
    input: [at('b', 3), at('é', 3), at('a\0', 3), at('a', 3), at('ab', 2), at('ab', 3), at('z', 9)],
    output: {
      out: [
        count('a', 3, 3, 1),
        count('a\0', 3, 3, 1),
        count('ab', 2, 3, 2),
        count('b', 3, 3, 1),
        count('é', 3, 3, 1),
      ],
    },
  }));

it('a jump of time closes every session once, in the order of their closes', () =>
  expectInEveryRunMode({
    topology: counting(session(5, { grace: 100 }), { emit: onClose() }),
    input: [at('a', 40), at('b', 30), at('a', 0), at('a', 20), at('b', 33), at('z', 1000)],
    output: {
      out: [
        count('a', 0, 0, 1),
        count('a', 20, 20, 1),
        count('b', 30, 33, 2),
        count('a', 40, 40, 1),
      ],
    },
  }));

it('under every() a session that came and went shows nothing', () =>
  expectInEveryRunMode({
    topology: counting(session(5, { grace: 100 }), { emit: every(100) }),
    input: [at('a', 1), at('a', 4), at('a', 8), at('z', 100), at('a', 12), at('z', 200)],
    output: {
      out: [
        count('a', 1, 8, 3),
        count('a', 1, 8, null),
        count('a', 1, 12, 4),
        count('z', 100, 100, 1),
      ],
    },
  }));

it('under onCommit() a session that came and went within the commit shows nothing', () => {
  const topology = counting(session(5, { grace: 100 }), { emit: onCommit() });
  const driver = new TopologyTestDriver(topology, { commit: 'manual' });
  driver.send('in', [at('a', 1), at('b', 1), at('a', 4)]);
  driver.commit();
  expect(driver.read('out')).toMatchObject([count('b', 1, 1, 1), count('a', 1, 4, 2)]);
  driver.send('in', [at('a', 9), at('a', 12)]);
  driver.commit();
  expect(driver.read('out')).toMatchObject([count('a', 1, 4, null), count('a', 1, 12, 4)]);
});

it('the late stream gets what meets no open session, unchanged', () => {
  const builder = new TopologyBuilder('test');
  builder
    .stream('in', { key: string(), value: string() })
    .groupByKey()
    .windowedBy(session(5, { grace: 0 }))
    .count({ name: 'counts', late: (late) => late.to('late') });
  return expectInEveryRunMode({
    topology: builder.build(),
    input: [at('a', 50), at('a', 44, 'x'), at(null, 3), at('a', 45), at('b', 44, 'y'), at('a', 44)],
    output: {
      late: [
        { key: 'a', value: 'x', timestamp: 44 },
        { key: 'b', value: 'y', timestamp: 44 },
      ],
    },
    drops: ['late', 'null-key', 'late'],
  });
});

it('the merger combines from left to right, before the record is added', () => {
  const builder = new TopologyBuilder('test');
  builder
    .stream('in', { key: string(), value: string() })
    .groupByKey()
    .windowedBy(session(5, { grace: 100 }))
    .aggregate({
      name: 'texts',
      initializer: () => '',
      aggregator: (text, value) => text + value,
      merger: (left, right, key) => `(${left}${key}${right})`,
      value: string(),
      emit: onClose(),
    })
    .toStream()
    .to('out');
  return expectInEveryRunMode({
    topology: builder.build(),
    input: [at('k', 10, 'b'), at('k', 0, 'a'), at('k', 5, 'c'), at('z', 500)],
    output: { out: [{ ...count('k', 0, 10, 0), value: '(akb)c' }] },
  });
});

it.each([
  ['aggregator', () => null, (a: string) => a],
  ['merger', (a: string) => a, () => null],
])('a null aggregate of the %s is refused', (_callback, aggregator, merger) => {
  const builder = new TopologyBuilder('test');
  const sessions = builder
    .stream('in', { key: string(), value: string() })
    .groupByKey()
    .windowedBy(session(5, { grace: 100 }));
  sessions.aggregate({
    name: 'texts',
    initializer: () => '',
    aggregator: aggregator as () => string, // what a caller without types may do
    merger: merger as () => string, // likewise
    value: string(),
  });
  const driver = new TopologyTestDriver(builder.build());
  const thrown = thrownBy(() => driver.send('in', [at('a', 0), at('a', 10), at('a', 5)]));
  expect(thrown).toMatchObject({ code: 'NULL_AGGREGATE' });
});

it('what a dropped error did is undone: neither the session nor its timer remain', () => {
  const builder = new TopologyBuilder('test');
  builder
    .stream('in', { key: string(), value: string() })
    .groupByKey()
    .windowedBy(session(5, { grace: 0 }))
    .reduce(
      (a, b) => {
        if (b === 'bad') throw new Error('refused');
        return a + b;
      },
      { name: 'texts', emit: onClose(), onError: 'drop' },
    )
    .toStream()
    .to('out');
  return expectInEveryRunMode({
    topology: builder.build(),
    input: [at('a', 0, 'x'), at('a', 10, 'y'), at('a', 5, 'bad'), at('z', 100)],
    output: {
      out: [
        { ...count('a', 0, 0, 0), value: 'x' },
        { ...count('a', 10, 10, 0), value: 'y' },
      ],
    },
  });
});

describe('a stream that looks sessions up', () => {
  const windows = session(5, { grace: 5 });
  const records = [at('a', 1), at('a', 1), at('z', 50)];

  it('sees rows as they are under onUpdate()', () => {
    const topology = lookingUp(windows, { emit: onUpdate(), retention: 0 });
    expect(seen(topology, records)).toEqual(['1 sees 1', '2 sees 2', '1 sees 1']);
  });

  it('sees committed rows under onCommit()', () => {
    const topology = lookingUp(windows, { emit: onCommit(), retention: 0 });
    expect(seen(topology, records, 0)).toEqual(['1 sees -', '2 sees 1', '1 sees -']);
  });

  it('sees what was last told under every()', () => {
    const topology = lookingUp(windows, { emit: every(1), retention: 0 });
    expect(seen(topology, records)).toEqual(['1 sees -', '2 sees -', '1 sees -']);
  });

  it('sees closed sessions under onClose()', () => {
    const builder = new TopologyBuilder('test');
    const table = builder
      .stream('in', { key: string(), value: string() })
      .groupByKey()
      .windowedBy(session(5, { grace: 0 }))
      .count({ name: 'table', emit: onClose(), retention: 100 });
    table
      .toStream()
      .leftJoin(table, (own, row) => `${own} sees ${row ?? '-'}`, { value: string() })
      .to('out');
    const driver = new TopologyTestDriver(builder.build());
    driver.send('in', [at('a', 1), at('a', 2), at('a', 14)]);
    expect(driver.read('out').map(({ value }) => value)).toEqual(['2 sees 2']);
  });
});

it('on topics a session is key, last and first, and lies where its key lies', () => {
  const serde = sessionWindowed(string());
  const bytes = serde.serialize({ key: 'k', startMs: 3, endMs: 258 }) as Uint8Array; // never text
  expect(Buffer.from(bytes).toString('hex')).toBe('6b00000000000001010000000000000003');
  expect(serde.deserialize(bytes)).toEqual({ key: 'k', startMs: 3, endMs: 258 });
  expect(serde.partitionBytes?.(bytes)).toEqual(Buffer.from('k'));
  expect(thrownBy(() => serde.deserialize(bytes.subarray(2)))).toMatchObject({
    code: 'DESERIALIZATION',
  });
  expect(thrownBy(() => serde.serialize({ key: 'k', startMs: 3, endMs: 3 }))).toMatchObject({
    code: 'SERIALIZATION',
  });
});

it('a gap of 0 is refused, and so is another gap for rows that exist', () => {
  expect(thrownBy(() => session(0, { grace: 0 }))).toMatchObject({ code: 'BAD_WINDOW' });
  const before = session(5, { grace: 0 });
  expect(refusals(before, session(6, { grace: 0 }))).toEqual(['WINDOW_CHANGED']);
  expect(refusals(before, session(5, { grace: 9 }))).toEqual([]);
});
