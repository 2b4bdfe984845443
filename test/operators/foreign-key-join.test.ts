import { describe, expect, it } from 'vitest';
import {
  type KTable,
  onClose,
  type Partitioner,
  string,
  TopologyBuilder,
  TopologyError,
  tumbling,
} from '../../src/index.ts';
import { partitionCounts } from '../../src/core/topology/partition-counts.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { expectInEveryRunMode } from '../support/expect-in-every-run-mode.ts';
import { thrownBy } from '../support/thrown.ts';

type Table = KTable<string, string>;
type Type = 'inner' | 'left';

const value = string();
const serdes = { key: string(), value } as const;
const pair = (left: string, right: string | null) => `${left}+${right ?? '∅'}`;
/** What stands before the dash. */
const foreignKey = (text: string) => (text.includes('-') ? text.split('-')[0] : null);
const options = { name: 'joined', value, foreignKey };

function joined(type: Type, left: Table, right: Table): Table {
  return type === 'inner' ? left.join(right, pair, options) : left.leftJoin(right, pair, options);
}

function topologyOf(type: Type, shape: (right: Table) => Table = (right) => right) {
  const builder = new TopologyBuilder('test');
  const left = builder.table('left', { name: 'left', ...serdes });
  const right = builder.table('right', { name: 'right', ...serdes });
  joined(type, left, shape(right)).toStream().to('out');
  return builder.build();
}

/** `o:p-a@10`: key, value and time; without a value a tombstone. */
function records(texts: string) {
  if (texts === '') return [];
  return texts.split(', ').map((text) => {
    const [, key, sent, timestamp] = /^(\w+)[:=](\S*)@(\d+)$/.exec(text) ?? [];
    return { key, value: sent === '' ? null : sent, timestamp: Number(timestamp) };
  });
}

/** `l o:p-a@10`: with the first letter of its table before it. */
function sent(texts: string) {
  return texts.split(', ').flatMap((text) => {
    const topic = text.startsWith('l ') ? 'left' : 'right';
    return records(text.slice(2)).map((record) => ({ topic, ...record }));
  });
}

interface Story {
  readonly input: string;
  readonly law: string;
  readonly output: Readonly<Record<Type, string>>;
  /** Of the inner join. */
  readonly drops?: readonly string[];
}

const stories: readonly Story[] = [
  {
    input: 'l o:p-a@5, r p:x@9, r p:y@7, r p:@8',
    law: 'a row waits for its right row, and follows it',
    output: {
      inner: 'o=p-a+x@9, o=p-a+y@7, o=@8',
      left: 'o=p-a+∅@5, o=p-a+x@9, o=p-a+y@7, o=p-a+∅@8',
    },
  },
  {
    input: 'r p:x@9, l o:p-a@5, l o:p-a@6, l o:p-b@7',
    law: 'a value that is sent again is told again',
    output: { inner: 'o=p-a+x@9, o=p-a+x@9, o=p-b+x@9', left: 'o=p-a+x@9, o=p-a+x@9, o=p-b+x@9' },
  },
  {
    input: 'r p:x@9, r q:y@4, l o:p-a@5, l o:q-a@6, r p:z@10, r q:w@11',
    law: 'a row that moves hears of its new right row alone',
    output: {
      inner: 'o=p-a+x@9, o=q-a+y@6, o=q-a+w@11',
      left: 'o=p-a+x@9, o=q-a+y@6, o=q-a+w@11',
    },
  },
  {
    input: 'r p:x@9, l o:p-a@5, l o:none@6, r p:y@10, l o:other@7, l o:p-c@8',
    law: 'a row without a foreign key has no right row',
    output: {
      inner: 'o=p-a+x@9, o=@9, o=p-c+y@10',
      left: 'o=p-a+x@9, o=none+∅@6, o=other+∅@7, o=p-c+y@10',
    },
    drops: ['null-foreign-key', 'null-foreign-key'],
  },
  {
    input: 'r p:x@9, l o:p-a@5, l o:@3, l o:@4, r p:y@10, l u:@1',
    law: 'a deleted row is told once, and hears nothing more',
    output: { inner: 'o=p-a+x@9, o=@9', left: 'o=p-a+x@9, o=@9' },
  },
  {
    input: 'l b:p-1@1, l a:p-2@2, l c:q-3@3, l aa:p-4@4, r p:x@5',
    law: 'subscribers are told in the order of their keys',
    output: {
      inner: 'a=p-2+x@5, aa=p-4+x@5, b=p-1+x@5',
      left: 'b=p-1+∅@1, a=p-2+∅@2, c=q-3+∅@3, aa=p-4+∅@4, a=p-2+x@5, aa=p-4+x@5, b=p-1+x@5',
    },
  },
];

describe.each(['inner', 'left'] as const)('%s join', (type) => {
  it.each(stories)('$input: $law', async ({ input, output, drops = [] }) => {
    await expectInEveryRunMode({
      topology: topologyOf(type),
      input: sent(input),
      output: { out: records(output[type]) },
      drops: type === 'inner' ? drops : [],
    });
  });

  it('keeps nothing of rows that are gone', () => {
    const driver = new TopologyTestDriver(topologyOf(type));
    for (const { topic, ...record } of sent('r p:x@1, l o:p-a@2, l u:p-b@3, l o:q-a@4')) {
      driver.send(topic, record);
    }
    expect(driver.store('joined').entries()).toHaveLength(2);
    expect(driver.store('joined-subscriptions').entries()).toHaveLength(2);
    for (const key of ['o', 'u']) driver.send('left', { key, value: null });
    expect(driver.store('joined').entries()).toEqual([]);
    expect(driver.store('joined-subscriptions').entries()).toEqual([]);
  });
});

describe('a right delete and a left update cross', () => {
  const started = (type: Type) => {
    const driver = new TopologyTestDriver(topologyOf(type), { commit: 'manual' });
    const pass = (topic: string, text: string) => driver.send(topic, records(text));
    const settle = () => {
      for (let passed = 0; passed < 5; passed++) driver.commit();
      return driver.read('out').map((record) => record.value);
    };
    pass('right', 'f:r@1');
    settle();
    pass('left', 'o:f-1@2');
    expect(settle()).toEqual(['f-1+r']);
    return { driver, pass, settle };
  };

  it('under way together: the answer to the value before is stale', () => {
    for (const [type, end] of [
      ['inner', [null]],
      ['left', ['f-2+∅']],
    ] as const) {
      const { pass, settle } = started(type);
      pass('left', 'o:f-2@4');
      pass('right', 'f:@3');
      expect(settle()).toEqual(end);
    }
  });

  it('the subscription arrives first: its answer, then that of the delete', () => {
    for (const [type, end] of [
      ['inner', ['f-2+r', null]],
      ['left', ['f-2+r', 'f-2+∅']],
    ] as const) {
      const { driver, pass, settle } = started(type);
      pass('left', 'o:f-2@4');
      driver.commit();
      pass('right', 'f:@3');
      expect(settle()).toEqual(end);
    }
  });

  it('the delete arrives first: its answer, then that of the subscription', () => {
    for (const [type, end] of [
      ['inner', [null]],
      ['left', ['f-1+∅', 'f-2+∅']],
    ] as const) {
      const { driver, pass, settle } = started(type);
      pass('right', 'f:@3');
      driver.commit();
      driver.commit();
      pass('left', 'o:f-2@4');
      expect(settle()).toEqual(end);
    }
  });

  it('an answer to a row that has gone, or has no foreign key any more, is stale', () => {
    for (const [type, change, end] of [
      ['inner', 'o:@4', [null]],
      ['left', 'o:@4', [null]],
      ['left', 'o:none@4', ['none+∅']],
    ] as const) {
      const { pass, settle } = started(type);
      pass('right', 'f:s@3');
      pass('left', change);
      expect(settle()).toEqual(end);
    }
  });
});

it('foreign keys of which one begins another keep apart', async () => {
  const builder = new TopologyBuilder('test');
  const [left, right] = ['left', 'right'].map((name) => builder.table(name, { name, ...serdes }));
  if (left === undefined || right === undefined) throw new Error('There are two.');
  const own = { ...options, foreignKey: (text: string) => text };
  left.join(right, pair, own).toStream().to('out');
  const keys = ['', 'a', 'a\0', 'a\0b', 'ab', '\u00ff'];
  const rows = keys.map((key, index) => ({ topic: 'left', key: `${index}`, value: key }));
  const input = [...rows, ...keys.map((key) => ({ topic: 'right', key, value: 'x' }))];
  await expectInEveryRunMode({
    topology: builder.build(),
    input: input.map((record) => ({ ...record, timestamp: 1 })),
    output: {
      out: keys.map((key, index) => ({ key: `${index}`, value: `${key}+x`, timestamp: 1 })),
    },
  });
});

it('a table may be joined with itself by a foreign key', async () => {
  const builder = new TopologyBuilder('test');
  const people = builder.table('left', { name: 'people', ...serdes });
  people.leftJoin(people, pair, options).toStream().to('out');
  await expectInEveryRunMode({
    topology: builder.build(),
    input: sent('l ann:-boss@1, l bob:ann-x@2, l ann:bob-y@3, l ann:@4'),
    output: {
      out: records(
        'ann=-boss+∅@1, bob=ann-x+-boss@2, bob=ann-x+bob-y@3, ann=bob-y+ann-x@3, ' +
          'ann=@4, bob=ann-x+∅@4',
      ),
    },
  });
});

it('streams and tables find the result as it was told', async () => {
  const builder = new TopologyBuilder('test');
  const [left, right] = ['left', 'right'].map((name) => builder.table(name, { name, ...serdes }));
  if (left === undefined || right === undefined) throw new Error('There are two.');
  const result = left.join(right, pair, options);
  builder.stream('events', serdes).leftJoin(result, pair, { value }).to('out');
  const event = { topic: 'events', key: 'o', value: 'e', timestamp: 20 };
  await expectInEveryRunMode({
    topology: builder.build(),
    input: [
      event,
      ...sent('l o:p-a@1'),
      event,
      ...sent('r p:x@2'),
      event,
      ...sent('r p:@3'),
      event,
    ],
    output: { out: records('o=e+∅@20, o=e+∅@20, o=e+p-a+x@20, o=e+∅@20') },
  });
});

describe('two topics', () => {
  it('are partitioned as the tables they go to', () => {
    const topology = topologyOf('inner');
    const counts = partitionCounts(topology, new Map(Object.entries({ left: 3, right: 5 })));
    expect(Object.fromEntries(counts.topics)).toEqual({
      left: 3,
      right: 5,
      'test-joined-subscriptions': 5,
      'test-joined-answers': 3,
    });
    expect(topology.subTopologies.map(({ id }) => id)).toEqual([
      'joined-answers',
      'joined-subscriptions',
    ]);
  });

  it('join rows of any partitions', () => {
    const driver = new TopologyTestDriver(topologyOf('left'), { partitions: 4 });
    const keys = Array.from({ length: 20 }, (_, index) => `k${index}`);
    driver.send(
      'left',
      keys.map((key, index) => ({ key, value: `f${index % 7}-a` })),
    );
    driver.send(
      'right',
      [0, 1, 2, 3, 4, 5, 6].map((own) => ({ key: `f${own}`, value: 'x' })),
    );
    driver.send('left', { key: 'k0', value: null });
    const rows = [...driver.readTable<string, string>('out')].sort();
    const expected = keys.map((key, index) => [key, `f${index % 7}-a+x`]).slice(1);
    expect(rows).toEqual(expected.sort());
  });

  it('take the partitioner of the right table', () => {
    const byLength: Partitioner<string, unknown> = {
      name: 'by-length',
      partition: (key, _value, partitions) => key.length % partitions,
    };
    const built = (partitioner?: Partitioner<string, unknown>) => {
      const builder = new TopologyBuilder('test');
      const left = builder.table('left', { name: 'left', ...serdes });
      const right = builder
        .stream('right', serdes)
        .repartition({
          name: 'spread',
          partitioner: byLength,
        })
        .toTable({ name: 'right' });
      const own = partitioner === undefined ? options : { ...options, partitioner };
      left.join(right, pair, own).toStream().to('out');
      return builder.build();
    };
    expect(codesOf(() => built())).toEqual(['NOT_COPARTITIONED']);
    const driver = new TopologyTestDriver(built(byLength), { partitions: 3 });
    driver.send(
      'right',
      ['p', 'pp', 'ppp'].map((key) => ({ key, value: 'x' })),
    );
    driver.send(
      'left',
      ['p-a', 'pp-b', 'ppp-c'].map((text) => ({ key: text, value: text })),
    );
    expect([...driver.readTable<string, string>('out').values()].sort()).toEqual([
      'p-a+x',
      'pp-b+x',
      'ppp-c+x',
    ]);
  });
});

function codesOf(build: () => unknown) {
  const error = thrownBy(build);
  if (!(error instanceof TopologyError)) throw error;
  return error.problems.map(({ code }) => code);
}

it('build() refuses a side whose rows are removed as they are emitted', () => {
  const closing = (name: string, builder: TopologyBuilder) =>
    builder
      .stream(name, serdes)
      .groupByKey()
      .windowedBy(tumbling(10, { grace: 0 }))
      .reduce((a) => a, { name, emit: onClose() });
  const refused = (isLeft: boolean) =>
    codesOf(() => {
      const builder = new TopologyBuilder('test');
      const hidden = closing('windows', builder);
      const other = builder.table('rows', { name: 'rows', ...serdes });
      if (isLeft) hidden.join(other, pair, { name: 'joined', value, foreignKey });
      else {
        const key = () => ({ key: 'k', startMs: 0, endMs: 10 });
        other.join(hidden, pair, { name: 'joined', value, foreignKey: key });
      }
      builder.build();
    });
  expect(refused(true)).toEqual(['TABLE_NOT_VISIBLE']);
  expect(refused(false)).toEqual(['TABLE_NOT_VISIBLE']);
});
