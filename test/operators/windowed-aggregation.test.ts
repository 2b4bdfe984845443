import { describe, expect, it } from 'vitest';
import {
  calendar,
  every,
  hopping,
  int64,
  onClose,
  onCommit,
  onUpdate,
  session,
  sliding,
  string,
  type Topology,
  TopologyBuilder,
  tumbling,
} from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { expectInEveryRunMode } from '../support/expect-in-every-run-mode.ts';
import { at } from '../support/records.ts';
import { thrownBy } from '../support/thrown.ts';
import { counting, lookingUp, policies, seen } from '../support/windowed-counts.ts';

/** A count as `key, start, count, timestamp`, windows 10 long. */
const count = (key: string, startMs: number, value: number | null, timestamp: number) => ({
  key: { key, startMs, endMs: startMs + 10 },
  value,
  timestamp,
});

describe.each(Object.entries(policies))('under %s()', (_name, emit) => {
  const rows = (topology: Topology, until: number) => {
    const driver = new TopologyTestDriver(topology);
    for (let timestamp = 0; timestamp <= until; timestamp += 3)
      driver.send('in', at('a', timestamp));
    return driver.store('counts').entries().length;
  };

  it('keeps what retention allows: rows go once their window has closed', () => {
    // At 99 the windows from [90, 100) on are open with grace 0; `every` may have one more to tell.
    const most = emit().kind === 'every' ? 2 : 1;
    expect(rows(counting(tumbling(10, { grace: 0 }), { emit: emit() }), 99)).toBeLessThanOrEqual(
      most,
    );
    expect(rows(counting(tumbling(10, { grace: 20 }), { emit: emit() }), 99)).toBe(3);
    const retained = counting(tumbling(10, { grace: 0 }), { emit: emit(), retention: 50 });
    expect(rows(retained, 99)).toBe(6);
  });

  it('a record without a key or that is late leaves nothing but its drop', () => {
    const driver = new TopologyTestDriver(counting(tumbling(10, { grace: 0 }), { emit: emit() }));
    driver.send('in', [at('a', 50), at(null, 51), at('a', 49)]);
    expect(driver.drops().map(({ reason }) => reason)).toEqual(['null-key', 'late']);
    expect(
      driver
        .store('counts')
        .entries()
        .map(([, value]) => value),
    ).toEqual([1]);
  });
});

it('a record at the very edge of the grace counts, one later does not', () =>
  expectInEveryRunMode({
    topology: counting(tumbling(10, { grace: 5 })),
    input: [at('a', 14), at('a', 9), at('b', 15), at('a', 9)],
    output: { out: [count('a', 10, 1, 14), count('a', 0, 1, 9), count('b', 10, 1, 15)] },
    drops: ['late'],
  }));

it('no record closes its own window, however short', () =>
  expectInEveryRunMode({
    topology: counting(tumbling(1, { grace: 0 })),
    input: [at('a', 5), at('a', 5), at('a', 4)],
    output: {
      out: [1, 2].map((value) => ({
        key: { key: 'a', startMs: 5, endMs: 6 },
        value,
        timestamp: 5,
      })),
    },
    drops: ['late'],
  }));

it('a null key is counted before a late time', () =>
  expectInEveryRunMode({
    topology: counting(tumbling(10, { grace: 0 })),
    input: [at('a', 50), at(null, 1)],
    output: { out: [count('a', 50, 1, 50)] },
    drops: ['null-key'],
  }));

it('hopping windows that are closed are left out, the open ones are not', () =>
  expectInEveryRunMode({
    topology: counting(hopping(10, { every: 5, grace: 0 })),
    input: [at('a', 12), at('a', 9)],
    output: { out: [count('a', 5, 1, 12), count('a', 10, 1, 12), count('a', 5, 2, 12)] },
    drops: [],
  }));

it('rows of one window close in the order of their encoded keys', () =>
  expectInEveryRunMode({
    topology: counting(tumbling(10, { grace: 0 }), { emit: onClose() }),
    input: [at('b', 1), at('é', 2), at('a', 3), at('ab', 4), at('z', 10)],
    output: {
      out: [count('a', 0, 1, 3), count('ab', 0, 1, 4), count('b', 0, 1, 1), count('é', 0, 1, 2)],
    },
  }));

it('under every() rows come in the order of key, then window, whatever their windows are', () =>
  expectInEveryRunMode({
    topology: counting(hopping(10, { every: 5, grace: 100 }), { emit: every(100) }),
    input: [at('b', 20), at('a\0', 7), at('a', 12), at('a', 7), at('z', 100)],
    output: {
      out: [
        count('a', 0, 1, 7),
        count('a', 5, 2, 12),
        count('a', 10, 1, 12),
        count('a\0', 0, 1, 7),
        count('a\0', 5, 1, 7),
        count('b', 15, 1, 20),
        count('b', 20, 1, 20),
      ],
    },
  }));

it('under every() a row that waits outlives its window', () =>
  expectInEveryRunMode({
    topology: counting(tumbling(10, { grace: 0 }), { emit: every(100) }),
    input: [at('a', 1), at('a', 50), at('a', 100)],
    output: { out: [count('a', 0, 1, 1), count('a', 50, 1, 50)] },
  }));

it('every() by wall clock tells what changed when the clock passes a multiple', () => {
  const emit = every('10ms', { by: 'wall-clock' });
  const driver = new TopologyTestDriver(counting(tumbling(10, { grace: 0 }), { emit }));
  driver.send('in', [at('a', 1), at('a', 2)]);
  expect(driver.read('out')).toEqual([]);
  driver.crash();
  driver.advanceWallClock(10);
  driver.commit();
  expect(driver.read('out')).toMatchObject([count('a', 0, 2, 2)]);
  driver.advanceWallClock(10);
  driver.commit();
  expect(driver.read('out')).toEqual([]);
});

it('the late stream gets late records unchanged, and only those', () => {
  const builder = new TopologyBuilder('test');
  builder
    .stream('in', { key: string(), value: string() })
    .groupByKey()
    .windowedBy(tumbling(10, { grace: 0 }))
    .count({ name: 'counts', late: (late) => late.to('late') });
  return expectInEveryRunMode({
    topology: builder.build(),
    input: [at('a', 50), at('a', 3, 'x'), at(null, 3), at('b', 49, 'y'), at('b', 51)],
    output: {
      late: [
        { key: 'a', value: 'x', timestamp: 3 },
        { key: 'b', value: 'y', timestamp: 49 },
      ],
    },
    drops: ['late', 'null-key', 'late'],
  });
});

it('a deleted window emits nothing at its close, a later record starts it anew', () => {
  const builder = new TopologyBuilder('test');
  builder
    .stream('in', { key: string(), value: string() })
    .groupByKey()
    .windowedBy(tumbling(10, { grace: 0 }))
    .aggregate({
      name: 'sizes',
      initializer: () => 0,
      aggregator: (size, word) => (word === 'reset' ? null : size + word.length),
      value: int64(),
      emit: onClose(),
    })
    .toStream()
    .to('out');
  return expectInEveryRunMode({
    topology: builder.build(),
    input: [
      at('a', 1, 'xx'),
      at('a', 2, 'reset'),
      at('b', 3, 'reset'),
      at('c', 4, 'x'),
      at('c', 5, 'reset'),
      at('c', 4, 'yyy'),
      at('z', 10, ''),
    ],
    output: { out: [count('c', 0, 3, 4)] },
  });
});

describe('a stream that looks windows up', () => {
  const windows = tumbling(10, { grace: 5 });
  const records = [at('a', 1), at('a', 2), at('a', 14)];

  it('sees rows as they are under onUpdate()', () => {
    const topology = lookingUp(windows, { emit: onUpdate(), retention: 0 });
    expect(seen(topology, records)).toEqual(['1 sees 1', '2 sees 2', '1 sees 1']);
  });

  it('sees committed rows under onCommit()', () => {
    const topology = lookingUp(windows, { emit: onCommit(), retention: 0 });
    expect(seen(topology, records, 0)).toEqual(['1 sees -', '2 sees 1', '1 sees -']);
  });

  it('sees what was last told under every()', () => {
    const topology = lookingUp(windows, { emit: every(2), retention: 0 });
    expect(seen(topology, records)).toEqual(['1 sees -', '2 sees 1', '1 sees -']);
  });

  it('sees closed windows under onClose()', () => {
    expect(seen(lookingUp(windows, { emit: onClose(), retention: 100 }), records)).toEqual([
      '1 sees -',
      '2 sees -',
      '1 sees -',
    ]);
    const builder = new TopologyBuilder('test');
    const grouped = builder.stream('in', { key: string(), value: string() }).groupByKey();
    const table = grouped
      .windowedBy(tumbling(10, { grace: 0 }))
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

it('windows whose times could not be reckoned with are refused where they are used', () => {
  const builder = new TopologyBuilder('test');
  const grouped = builder.stream('in', { key: string(), value: string() }).groupByKey();
  const grace = 3e14;
  const uses = {
    tumbling: () => grouped.windowedBy(tumbling(grace, { grace })).count({ name: 'a' }),
    session: () => grouped.windowedBy(session(grace, { grace })).count({ name: 'b' }),
    sliding: () => grouped.windowedBy(sliding(grace, { grace })).count({ name: 'c' }),
    calendar: () => {
      const days = grouped.windowedBy(calendar('day', { zone: 'UTC', grace }));
      return days.count({ name: 'd', retention: grace });
    },
  };
  for (const [name, use] of Object.entries(uses)) {
    const { code, message } = thrownBy(use);
    expect([name, code]).toEqual([name, 'BAD_WINDOW']);
    expect(message).toContain('grace and retention together must not be above');
  }
});
