import { describe, expect, it } from 'vitest';
import {
  type CogroupedKStream,
  type EmitPolicy,
  every,
  hopping,
  int64,
  number,
  onClose,
  onCommit,
  onUpdate,
  string,
  type TimeWindows,
  TopologyBuilder,
  type TopologyError,
  tumbling,
  type WindowedEmitPolicy,
} from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { expectInEveryRunMode } from '../support/expect-in-every-run-mode.ts';
import { thrownBy } from '../support/thrown.ts';

const source = { key: string(), value: string(), tombstones: 'keep' } as const;

function cogrouping(build: (streams: CogroupedKStream<string, string | number, string>) => void) {
  const builder = new TopologyBuilder('test');
  const left = builder.stream('L', source).groupByKey();
  const right = builder.stream('R', { key: string(), value: number() }).groupByKey();
  build(
    left
      .cogroup((text: string, value) => {
        if (value === 'bug') throw new RangeError('a bug');
        return value === 'reset' ? null : text + value;
      })
      .cogroup(right, (text, value) => `${text}${value.toFixed(1)}`),
  );
  return builder.build();
}

const plain = (emit: EmitPolicy) =>
  cogrouping((streams) => {
    const options = { name: 'texts', initializer: () => '>', value: string() };
    streams
      .aggregate({ ...options, emit, onError: 'drop' })
      .toStream()
      .to('out');
  });

const inWindows = (windows: TimeWindows, emit: WindowedEmitPolicy) =>
  cogrouping((streams) => {
    streams
      .windowedBy(windows)
      .aggregate({
        name: 'texts',
        initializer: () => '>',
        value: string(),
        emit,
        late: (late) => {
          late.mapValues((value) => `${value}`, { value: string() }).to('late');
        },
      })
      .toStream()
      .to('out');
  });

const left = (key: string | null, value: string | null, timestamp: number) => ({
  topic: 'L',
  key,
  value,
  timestamp,
});
const right = (key: string | null, value: number, timestamp: number) => ({
  topic: 'R',
  key,
  value,
  timestamp,
});
const row = (key: unknown, value: string | null, timestamp: number) => ({ key, value, timestamp });
const within = (key: string, startMs: number, endMs: number) => ({ key, startMs, endMs });

it('each stream has its aggregator, and all have one row', () =>
  expectInEveryRunMode({
    topology: plain(onUpdate()),
    input: [left('k', 'a', 5), right('k', 1, 3), right('j', 2, 6), left('k', 'b', 7)],
    output: {
      out: [row('k', '>a', 5), row('k', '>a1.0', 5), row('j', '>2.0', 6), row('k', '>a1.0b', 7)],
    },
    drops: [],
  }));

it('records of several topics come in the order in which the task takes them', () =>
  expectInEveryRunMode({
    topology: plain(onUpdate()),
    isFilled: true,
    input: [right('k', 1, 3), left('k', 'a', 3), right('k', 2, 1), left('k', 'b', 2)],
    output: {
      out: [row('k', '>a', 3), row('k', '>ab', 3), row('k', '>ab1.0', 3), row('k', '>ab1.02.0', 3)],
    },
  }));

it('what no group takes is dropped, what an aggregator refuses is undone', () =>
  expectInEveryRunMode({
    topology: plain(onUpdate()),
    input: [
      left('k', 'a', 1),
      left(null, 'a', 2),
      left('k', null, 3),
      right(null, 1, 4),
      left('k', 'bug', 5),
      left('k', 'reset', 6),
      left('k', 'reset', 7),
      right('k', 1, 4),
    ],
    output: { out: [row('k', '>a', 1), row('k', null, 6), row('k', '>1.0', 4)] },
    drops: ['null-key', 'null-value', 'null-key', 'processing'],
  }));

it('every() folds the changes of all streams', () =>
  expectInEveryRunMode({
    topology: plain(every(10)),
    input: [left('k', 'a', 1), right('k', 1, 2), right('z', 0, 12), right('z', 0, 25)],
    output: { out: [row('k', '>a1.0', 2), row('z', '>0.0', 12)] },
  }));

it('onCommit() folds the changes of all streams', () => {
  const driver = new TopologyTestDriver(plain(onCommit()), { commit: 'manual' });
  driver.send('L', left('k', 'a', 1));
  driver.send('R', right('k', 1, 2));
  driver.commit();
  expect(driver.read('out')).toMatchObject([row('k', '>a1.0', 2)]);
});

it('in windows the streams have one time: what one passes is late in the other', () =>
  expectInEveryRunMode({
    topology: inWindows(tumbling(10, { grace: 0 }), onClose()),
    input: [
      left('k', 'a', 1),
      right('k', 1, 9),
      right('j', 2, 10),
      left('k', 'b', 8),
      right('k', 3, 20),
    ],
    output: {
      out: [row(within('k', 0, 10), '>a1.0', 9), row(within('j', 10, 20), '>2.0', 10)],
      late: [row('k', 'b', 8)],
    },
    drops: ['late'],
  }));

it('in hopping windows each open window is updated', () =>
  expectInEveryRunMode({
    topology: inWindows(hopping(10, { every: 5, grace: 0 }), onUpdate()),
    input: [left('k', 'a', 7), right('k', 1, 12), right('k', 2, 3)],
    output: {
      out: [
        row(within('k', 0, 10), '>a', 7),
        row(within('k', 5, 15), '>a', 7),
        row(within('k', 5, 15), '>a1.0', 12),
        row(within('k', 10, 20), '>1.0', 12),
      ],
      late: [row('k', '2', 3)],
    },
    drops: ['late'],
  }));

it('a stream cogrouped with itself gives each record to both aggregators', () => {
  const builder = new TopologyBuilder('test');
  const words = builder.stream('L', source).groupByKey();
  words
    .cogroup((text: string, value) => text + value)
    .cogroup(words, (text, value) => `${text}${value.length}`)
    .aggregate({ name: 'texts', initializer: () => '', value: string() })
    .toStream()
    .to('out');
  return expectInEveryRunMode({
    topology: builder.build(),
    input: [left('k', 'ab', 1)],
    output: { out: [row('k', 'ab', 1), row('k', 'ab2', 1)] },
  });
});

describe('streams whose keys do not meet', () => {
  const problemsOf = (build: (builder: TopologyBuilder) => void) => {
    const builder = new TopologyBuilder('test');
    build(builder);
    const { problems } = thrownBy(() => builder.build()) as TopologyError; // what build() throws
    return problems.map(({ code }) => code);
  };
  const options = { name: 'sums', initializer: () => 0, value: int64() };
  const add = (sum: number) => sum + 1;

  it('because their bytes differ are refused', () => {
    const codes = problemsOf((builder) => {
      const ints = builder.stream('L', { key: int64(), value: string() }).groupByKey();
      const texts = builder.stream('R', { key: number(), value: string() }).groupByKey();
      ints.cogroup(add).cogroup(texts, add).aggregate(options);
    });
    expect(codes).toEqual(['NOT_COPARTITIONED']);
  });

  it('because they were repartitioned by unequal rules are refused', () => {
    const codes = problemsOf((builder) => {
      const left = builder.stream('L', source).repartition({ name: 'a', partitions: 2 });
      const right = builder.stream('R', source).repartition({ name: 'b', partitions: 3 });
      left.groupByKey().cogroup(add).cogroup(right.groupByKey(), add).aggregate(options);
    });
    expect(codes).toEqual(['NOT_COPARTITIONED']);
  });

  it('because one was changed need a name for the topic that mends it', () => {
    const rekeyed = (name?: string) =>
      problemsOf((builder) => {
        const left = builder.stream('L', source).groupByKey();
        const right = builder
          .stream('R', source)
          .selectKey((value) => value ?? '', { key: string() });
        const named = name === undefined ? {} : { name };
        left.cogroup(add).cogroup(right.groupByKey(named), add).aggregate(options);
        // Something else is wrong, so that there are problems in any case.
        builder.stream('R', { ...source, name: 'R again' });
      });
    expect(rekeyed()).toContain('NAME_MISSING');
    expect(rekeyed('by-value')).not.toContain('NAME_MISSING');
  });

  it('are copartitioned in the plan where they meet', () => {
    const topology = plain(onUpdate());
    const [part] = topology.subTopologies;
    expect(part?.copartitioned.map((group) => group.map(({ topic }) => topic))).toEqual([
      ['L', 'R'],
    ]);
  });
});
