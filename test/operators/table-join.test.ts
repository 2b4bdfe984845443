import { describe, expect, it } from 'vitest';
import {
  headersOf,
  type KTable,
  onClose,
  onCommit,
  string,
  type Topology,
  TopologyBuilder,
  TopologyError,
  tumbling,
} from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { expectInEveryRunMode } from '../support/expect-in-every-run-mode.ts';
import { thrownBy } from '../support/thrown.ts';

type Table = KTable<string, string>;
type Join = (left: Table, right: Table, options?: { name: string; value: typeof value }) => Table;

const value = string();
const serdes = { key: string(), value } as const;
const pair = (left: string | null, right: string | null) => `${left ?? '∅'}+${right ?? '∅'}`;

const joins: Record<'inner' | 'left' | 'outer', Join> = {
  inner: (left, right, options) => left.join(right, pair, options ?? { value }),
  left: (left, right, options) => left.leftJoin(right, pair, options ?? { value }),
  outer: (left, right, options) => left.outerJoin(right, pair, options ?? { value }),
};

function topologyOf(build: (left: Table, right: Table) => Table): Topology {
  const builder = new TopologyBuilder('test');
  const [left, right] = [
    builder.table('left', { name: 'left', ...serdes }),
    builder.table('right', { name: 'right', ...serdes }),
  ];
  build(left, right).toStream().to('out', serdes);
  return builder.build();
}

/** `l a@10`: to the left table; without a value a tombstone. */
function sent(text: string) {
  return text.split(', ').map((one) => {
    const [, side, sentValue, timestamp] = /^(.) (\S*)@(\d+)$/.exec(one) ?? [];
    return {
      topic: side === 'l' ? 'left' : 'right',
      key: 'k',
      value: sentValue === '' ? null : sentValue,
      timestamp: Number(timestamp),
    };
  });
}

function out(text: string) {
  if (text === '') return [];
  return text.split(', ').map((one) => {
    const [joined = '', timestamp] = one.split('@');
    return { key: 'k', value: joined === '⊥' ? null : joined, timestamp: Number(timestamp) };
  });
}

/** One row for each of what a change can meet: what was sent, and what each kind of join says. */
const changes: readonly (readonly [string, string, string, string])[] = [
  ['l a@3', '', 'a+∅@3', 'a+∅@3'],
  ['r x@5, l a@3', 'a+x@5', 'a+x@5', '∅+x@5, a+x@5'],
  ['l a@3, l b@2', '', 'a+∅@3, b+∅@2', 'a+∅@3, b+∅@2'],
  ['r x@5, l a@3, l b@7', 'a+x@5, b+x@7', 'a+x@5, b+x@7', '∅+x@5, a+x@5, b+x@7'],
  ['l a@3, l @4', '', 'a+∅@3, ⊥@4', 'a+∅@3, ⊥@4'],
  ['r x@5, l a@3, l @4', 'a+x@5, ⊥@5', 'a+x@5, ⊥@5', '∅+x@5, a+x@5, ∅+x@5'],
  ['r x@5', '', '', '∅+x@5'],
  ['l a@3, r x@2', 'a+x@3', 'a+∅@3, a+x@3', 'a+∅@3, a+x@3'],
  ['r x@5, r y@6', '', '', '∅+x@5, ∅+y@6'],
  ['l a@3, r x@2, r y@9', 'a+x@3, a+y@9', 'a+∅@3, a+x@3, a+y@9', 'a+∅@3, a+x@3, a+y@9'],
  ['r x@5, r @6', '', '', '∅+x@5, ⊥@6'],
  ['l a@3, r x@2, r @9', 'a+x@3, ⊥@9', 'a+∅@3, a+x@3, a+∅@9', 'a+∅@3, a+x@3, a+∅@9'],
  ['l @1, r @2', '', '', ''],
];

describe.each(['inner', 'left', 'outer'] as const)('%s join', (type) => {
  const column = { inner: 1, left: 2, outer: 3 } as const;

  it.each(changes)('of %s', async (...row) => {
    const topology = topologyOf(joins[type]);
    await expectInEveryRunMode({
      topology,
      input: sent(row[0]),
      output: { out: out(row[column[type]]) },
      drops: [],
    });
  });

  it('gives the same under a name, which keeps the rows', () => {
    const input = sent('l a@1, r x@2, r @3, l b@4, r y@5, l @6, l c@7');
    const [plain, named] = [undefined, { name: 'joined', value }].map((options) => {
      const topology = topologyOf((left, right) => joins[type](left, right, options));
      const driver = new TopologyTestDriver(topology);
      for (const { topic, ...record } of input) driver.send(topic, record);
      return driver;
    });
    expect(named?.read('out')).toEqual(plain?.read('out'));
    expect(named?.store('joined').entries()).toEqual([['k', 'c+y']]);
  });
});

describe('sides that come from one table', () => {
  const options = { name: 'joined', value };
  const both = 'a+a!@1, b+a!@2, b+b!@2, ⊥@3';

  it.each([
    [
      'itself, left',
      (left: Table) =>
        left.join(
          left.mapValues((v) => `${v}!`, serdes),
          pair,
          options,
        ),
      both,
    ],
    [
      'declared after the right side',
      (left: Table) => {
        const right = left.mapValues((v) => `${v}!`, serdes);
        return left.filter(() => true).join(right, pair, options);
      },
      both,
    ],
    [
      'itself, right',
      (left: Table) => left.mapValues((v) => `${v}!`, serdes).outerJoin(left, pair, options),
      'a!+∅@1, a!+a@1, b!+a@2, b!+b@2, ∅+b@3, ⊥@3',
    ],
  ])('change one after the other, the left one first: %s', async (_label, build, expected) => {
    await expectInEveryRunMode({
      topology: topologyOf(build),
      input: sent('l a@1, l b@2, l @3'),
      output: { out: out(expected) },
    });
  });

  it('are kept only as long as they have a row', () => {
    const topology = topologyOf((left) =>
      left.join(
        left.filter(() => true),
        pair,
        options,
      ),
    );
    const driver = new TopologyTestDriver(topology);
    driver.send('left', { key: 'k', value: 'a' });
    expect(driver.store('joined-left').entries()).toEqual([['k', 'a']]);
    driver.send('left', { key: 'k', value: null });
    for (const store of ['joined', 'joined-left', 'joined-right']) {
      expect(driver.store(store).entries()).toEqual([]);
    }
  });
});

it('what stands below sides of a table that emits on commit emits in that commit', () => {
  const builder = new TopologyBuilder('test');
  const emit = onCommit();
  const events = builder.stream('events', serdes).groupByKey();
  const table = events.reduce((a, b) => a + b, { name: 'rows', emit });
  const joined = table.join(
    table.mapValues((v) => `${v}!`, serdes),
    pair,
    { name: 'joined', value },
  );
  const shown = joined.toStream().mapValues((v) => v ?? '', { value });
  shown.groupByKey().count({ name: 'counts', emit }).toStream().to('out');
  const driver = new TopologyTestDriver(builder.build(), { commit: 'manual' });
  const countAfter = (sentValue: string) => {
    driver.send('events', { key: 'k', value: sentValue });
    driver.commit();
    return driver.read('out').map((record) => record.value);
  };
  expect([countAfter('a'), countAfter('b')]).toEqual([[1], [3]]);
});

it('windowed tables are joined window by window', async () => {
  const builder = new TopologyBuilder('test');
  const [one, other] = ['left', 'right'].map((topic) =>
    builder
      .stream(topic, serdes)
      .groupByKey()
      .windowedBy(tumbling(10, { grace: 5 }))
      .reduce((a, b) => a + b, { name: topic, emit: onClose(), retention: 100 }),
  );
  if (one === undefined || other === undefined) throw new Error('There are two.');
  one.outerJoin(other, pair, { value }).toStream().to('out');
  const window = { key: 'k', startMs: 0, endMs: 10 };
  await expectInEveryRunMode({
    topology: builder.build(),
    input: sent('l a@1, r x@2, l b@8, l c@11, r y@60'),
    output: {
      out: [
        { key: window, value: 'ab+∅', timestamp: 8 },
        { key: window, value: 'ab+x', timestamp: 8 },
        { key: { key: 'k', startMs: 10, endMs: 20 }, value: 'c+∅', timestamp: 11 },
      ],
    },
  });
});

it('a stream finds the joined rows, and rows of joined joins', async () => {
  const builder = new TopologyBuilder('test');
  const [left, right] = ['left', 'right'].map((name) => builder.table(name, { name, ...serdes }));
  if (left === undefined || right === undefined) throw new Error('There are two.');
  const joined = left.leftJoin(right, pair, { value });
  const again = joined.outerJoin(builder.table('more', { name: 'more', ...serdes }), pair);
  builder.stream('events', serdes).join(again, pair, { value }).to('out');
  const event = { topic: 'events', key: 'k', value: 'e', timestamp: 9 };
  const [a, x] = sent('l a@1, r x@2');
  if (a === undefined || x === undefined) throw new Error('There are two.');
  await expectInEveryRunMode({
    topology: builder.build(),
    input: [event, a, event, x, event],
    output: { out: out('e+a+∅+∅@9, e+a+x+∅@9') },
  });
});

it('results carry no headers; a joiner may say that there is no row', () => {
  const topology = topologyOf((left, right) =>
    left.outerJoin(right, (l, r) => (l === r ? null : pair(l, r)), { value }),
  );
  const driver = new TopologyTestDriver(topology);
  const headers = headersOf([['a', Buffer.from('b')]]);
  driver.send('left', { key: 'k', value: 'a', headers });
  driver.send('right', { key: 'k', value: 'a', headers });
  driver.send('right', { key: 'k', value: 'a', headers });
  const records = driver.read('out');
  expect(records.map((record) => record.value)).toEqual(['a+∅', null]);
  expect(records.map((record) => record.headers.size)).toEqual([0, 0]);
});

describe('build() refuses', () => {
  const codesOf = (build: (left: Table, right: Table) => Table) => {
    const error = thrownBy(() => topologyOf(build));
    if (!(error instanceof TopologyError)) throw error;
    return error.problems.map(({ code }) => code);
  };
  const windowed = (retention: number) => (): Table => {
    const builder = new TopologyBuilder('test');
    const windows = builder
      .stream('in', serdes)
      .groupByKey()
      .windowedBy(tumbling(10, { grace: 0 }));
    const table = windows.reduce((a) => a, { name: 'rows', emit: onClose(), retention });
    const counts = windows.count({ name: 'counts' });
    table
      .leftJoin(counts, (a, b) => `${a}${String(b)}`, { value })
      .toStream()
      .to('out');
    builder.build();
    return undefined as never; // the plan was built
  };

  it('a table joined with itself', () => {
    expect(codesOf((left) => left.join(left, pair, { value }))).toEqual(['INVALID_TOPOLOGY']);
  });

  it('sides of one table without a name for their copies', () => {
    expect(codesOf((left) => left.filter(() => true).join(left, pair, { value }))).toEqual([
      'NAME_MISSING',
    ]);
  });

  it('a side whose rows are removed as they are emitted', () => {
    expect(codesOf(windowed(0))).toEqual(['TABLE_NOT_VISIBLE']);
  });

  it('a name without a serde for the rows it keeps', () => {
    const build = (left: Table, right: Table) =>
      left.join(right, pair, { name: 'joined', value: undefined as never }); // as plain JavaScript may
    expect(codesOf(build)).toContain('SERDE_MISSING');
  });
});

it('both sides are partitioned alike, and nothing is kept without a name', () => {
  const { subTopologies } = topologyOf(joins.outer);
  expect(
    subTopologies.map(({ copartitioned, stores }) => [copartitioned.length, stores.length]),
  ).toEqual([[1, 2]]);
  expect(subTopologies[0]?.copartitioned[0]?.map(({ topic }) => topic)).toEqual(['left', 'right']);
});
