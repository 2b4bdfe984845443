import { describe, expect, it } from 'vitest';
import {
  every,
  json,
  noHeaders,
  onClose,
  sliding,
  string,
  type Topology,
  TopologyBuilder,
} from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { expectInEveryRunMode } from '../support/expect-in-every-run-mode.ts';
import { at } from '../support/records.ts';
import { thrownBy } from '../support/thrown.ts';
import { counting, policies, refusals } from '../support/windowed-counts.ts';

/** A count in the window from `startMs` on, both ends 10 apart and in it. */
const count = (key: string, startMs: number, value: number, timestamp: number) => ({
  key: { key, startMs, endMs: startMs + 11 },
  value,
  timestamp,
});

describe.each(Object.entries(policies))('under %s()', (_name, emit) => {
  const rows = (topology: Topology, store = 'counts') => {
    const driver = new TopologyTestDriver(topology);
    // Far apart: one window for each record, [t - 10, t].
    for (let timestamp = 20; timestamp <= 200; timestamp += 20) {
      driver.send('in', at('a', timestamp));
    }
    return driver.store(store).entries().length;
  };

  it('keeps what retention allows: rows go once their window has closed', () => {
    expect(rows(counting(sliding(10, { grace: 0 }), { emit: emit() }))).toBe(1);
    expect(rows(counting(sliding(10, { grace: 40 }), { emit: emit() }))).toBe(3);
    const retained = counting(sliding(10, { grace: 0 }), { emit: emit(), retention: 40 });
    expect(rows(retained)).toBe(3);
    expect(rows(retained, 'counts-times')).toBeLessThanOrEqual(2);
    expect(rows(retained, 'counts-base')).toBeLessThanOrEqual(1);
  });

  it('a record without a key or that is late leaves nothing but its drop', () => {
    const driver = new TopologyTestDriver(counting(sliding(10, { grace: 0 }), { emit: emit() }));
    driver.send('in', [at('a', 50), at(null, 50), at('a', 39)]);
    expect(driver.drops().map(({ reason }) => reason)).toEqual(['null-key', 'late']);
    const left = driver.store('counts').entries();
    expect(left.map(([, value]) => value)).toEqual([1]);
  });
});

it('records exactly the difference apart share a window, further apart they do not', () =>
  expectInEveryRunMode({
    topology: counting(sliding(10, { grace: 0 })),
    input: [at('a', 20), at('a', 30), at('b', 20), at('b', 31)],
    output: {
      out: [
        count('a', 10, 1, 20),
        count('a', 20, 2, 30),
        count('a', 21, 1, 30),
        count('b', 21, 1, 31),
      ],
    },
    drops: ['late'],
  }));

it('a window is open while stream time is below its last millisecond, grace and one', () =>
  expectInEveryRunMode({
    topology: counting(sliding(10, { grace: 5 })),
    input: [at('a', 20), at('z', 25), at('a', 20), at('z', 26), at('a', 20)],
    output: {
      out: [
        count('a', 10, 1, 20),
        count('z', 15, 1, 25),
        count('a', 10, 2, 20),
        count('z', 16, 2, 26),
        count('z', 26, 1, 26),
      ],
    },
    drops: ['late'],
  }));

it('no window starts before 0', () =>
  expectInEveryRunMode({
    topology: counting(sliding(10, { grace: 100 })),
    input: [at('a', 3), at('a', 0), at('a', 7)],
    output: {
      out: [
        count('a', 0, 1, 3),
        count('a', 0, 2, 3),
        count('a', 1, 1, 3),
        count('a', 0, 3, 7),
        count('a', 1, 2, 7),
        count('a', 4, 1, 7),
      ],
    },
  }));

it('a record behind closed windows counts in those that are open, now and later', () =>
  // [3,13] is closed when 12 comes, so no stored window holds 10 and 12: 17 needs them.
  expectInEveryRunMode({
    topology: counting(sliding(10, { grace: 0 }), { emit: onClose() }),
    input: [at('a', 2), at('a', 10), at('z', 15), at('a', 12), at('a', 17), at('y', 99)],
    output: {
      out: [
        count('a', 0, 2, 10),
        count('a', 3, 1, 10),
        count('z', 5, 1, 15),
        count('a', 7, 3, 17),
        count('a', 11, 2, 17),
        count('a', 13, 1, 17),
      ],
    },
    drops: [],
  }));

it('a row that leaves as its window closes is copied from all the same', () =>
  // The period ends at 28, when [13,23] closes and 28 needs what it held.
  expectInEveryRunMode({
    topology: counting(sliding(10, { grace: 4 }), { emit: every(7) }),
    input: [at('a', 23), at('a', 28), at('z', 35)],
    output: {
      out: [count('a', 13, 1, 23), count('a', 18, 2, 28), count('a', 24, 1, 28)],
    },
  }));

it('a late record changes nothing, not even the windows after it', () =>
  expectInEveryRunMode({
    topology: counting(sliding(10, { grace: 0 })),
    input: [at('a', 30), at('a', 19), at('a', 35)],
    output: {
      out: [count('a', 20, 1, 30), count('a', 25, 2, 35), count('a', 31, 1, 35)],
    },
    drops: ['late'],
  }));

it('a difference of 0 makes a window for each time', () =>
  expectInEveryRunMode({
    topology: counting(sliding(0, { grace: 5 }), { emit: onClose() }),
    input: [at('a', 5), at('a', 6), at('a', 5), at('z', 90)],
    output: {
      out: [
        { key: { key: 'a', startMs: 5, endMs: 6 }, value: 2, timestamp: 5 },
        { key: { key: 'a', startMs: 6, endMs: 7 }, value: 1, timestamp: 6 },
      ],
    },
  }));

it('the late stream gets what no open window would hold, unchanged', () => {
  const builder = new TopologyBuilder('test');
  builder
    .stream('in', { key: string(), value: string() })
    .groupByKey()
    .windowedBy(sliding(10, { grace: 0 }))
    .count({ name: 'counts', late: (late) => late.to('late') });
  return expectInEveryRunMode({
    topology: builder.build(),
    input: [at('a', 20), at('a', 31), at('a', 20, 'x'), at(null, 1), at('a', 23), at('b', 20, 'y')],
    output: {
      late: [
        { key: 'a', value: 'x', timestamp: 20 },
        { key: 'b', value: 'y', timestamp: 20 },
      ],
    },
    drops: ['late', 'null-key', 'late'],
  });
});

it('rows never share a value: what is copied goes through the serde', () => {
  const builder = new TopologyBuilder('test');
  const lists: (readonly string[])[] = [];
  builder
    .stream('in', { key: string(), value: string() })
    .groupByKey()
    .windowedBy(sliding(10, { grace: 50 }))
    .aggregate({
      name: 'lists',
      initializer: (): readonly string[] => [],
      aggregator: (list, value) => [...list, value],
      value: json<readonly string[]>(),
    })
    .toStream()
    .forEach((list) => void (list !== null && lists.push(list)));
  const driver = new TopologyTestDriver(builder.build());
  driver.send('in', [at('a', 20, 'x'), at('a', 30, 'y'), at('a', 15, 'z')]);
  expect(new Set(lists).size).toBe(lists.length);
  expect(lists).toContainEqual(['x']);
});

it('a null aggregate is refused', () => {
  const builder = new TopologyBuilder('test');
  builder
    .stream('in', { key: string(), value: string() })
    .groupByKey()
    .windowedBy(sliding(10, { grace: 0 }))
    .reduce(() => null, { name: 'nothing' });
  const driver = new TopologyTestDriver(builder.build());
  driver.send('in', at('a', 20));
  expect(thrownBy(() => driver.send('in', at('a', 20)))).toMatchObject({ code: 'NULL_AGGREGATE' });
});

it('a lookup finds rows as they are, and none once retention is over', () => {
  const builder = new TopologyBuilder('test');
  const grouped = builder.stream('in', { key: string(), value: string() }).groupByKey();
  const windowed = grouped.windowedBy(sliding(10, { grace: 0 }));
  const table = windowed.count({ name: 'table', emit: onClose(), retention: 100 });
  table
    .toStream()
    .leftJoin(table, (own, row) => `${own} sees ${row ?? '-'}`, { value: string() })
    .to('out');
  const driver = new TopologyTestDriver(builder.build());
  driver.send('in', [at('a', 20), at('a', 20), at('a', 31)]);
  expect(driver.read('out').map(({ value }) => value)).toEqual(['2 sees 2']);
  driver.send('in', at('z', 500));
  expect(driver.store('table').entries()).toHaveLength(1);
});

it('what comes as a window closes, before its timer, lies with what that window held', async () => {
  const builder = new TopologyBuilder('test');
  builder
    .stream('in', { key: string(), value: string() })
    .processValues<string>({
      name: 'before',
      create: (context) => ({
        process({ value, headers }) {
          context.forward({ value, timestamp: value === 'x' ? 30 : 31, headers });
          if (value !== 'x') return;
          // Goes before the timer of the window below that closes at the same time.
          context.schedule({ at: 81, name: 'more', key: Buffer.from('a') });
        },
        onTimer() {
          context.forward({ value: 'y', timestamp: 51, headers: noHeaders });
          context.forward({ value: 'w', timestamp: 25, headers: noHeaders });
        },
      }),
    })
    .groupByKey({ value: string() })
    .windowedBy(sliding(30, { grace: 50 }))
    .reduce((texts, text) => texts + text, { name: 'texts' })
    .toStream()
    .to('out');
  const row = (startMs: number, value: string, timestamp: number) => {
    return { key: { key: 'a', startMs, endMs: startMs + 31 }, value, timestamp };
  };
  await expectInEveryRunMode({
    topology: builder.build(),
    input: [at('a', 30, 'x'), at('a', 81, 'u')],
    output: {
      out: [
        row(0, 'x', 30),
        row(21, 'xy', 51),
        row(31, 'y', 51),
        row(21, 'xyw', 51),
        row(26, 'xy', 51),
        row(1, 'xwu', 31),
        row(21, 'xywu', 51),
        row(26, 'xyu', 51),
        row(31, 'yu', 51),
        row(32, 'y', 51),
      ],
    },
  });
});

it('another difference is refused for rows that exist, another grace is not', () => {
  const before = sliding(5, { grace: 0 });
  expect(refusals(before, sliding(6, { grace: 0 }))).toEqual(['WINDOW_CHANGED']);
  expect(refusals(before, sliding(5, { grace: 9 }))).toEqual([]);
});
