import { describe, expect, it } from 'vitest';
import {
  headersOf,
  int64,
  type KStream,
  noHeaders,
  string,
  TopologyBuilder,
  type TopologyBuilderOptions,
} from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { expectInEveryRunMode } from '../support/expect-in-every-run-mode.ts';

type Words = KStream<string | null, string | null>;

/** One operator between `in` and `out`. */
function between(build: (words: Words) => void, options: TopologyBuilderOptions = {}) {
  const builder = new TopologyBuilder('test', options);
  const serdes = { key: string(), value: string() };
  build(builder.stream('in', { ...serdes, tombstones: 'keep' }));
  return builder.build();
}

const input = [
  { topic: 'in', key: 'a', value: 'to be', timestamp: 7 },
  { topic: 'in', key: null, value: 'or', timestamp: 3 },
  { topic: 'in', key: 'b', value: null, timestamp: 9 },
];

const operators: Record<string, [(words: Words) => void, readonly unknown[][]]> = {
  filter: [
    (words) => words.filter((v) => v !== null).to('out'),
    [
      ['a', 'to be', 7],
      [null, 'or', 3],
    ],
  ],
  'filter-not': [(words) => words.filterNot((v) => v !== null).to('out'), [['b', null, 9]]],
  map: [
    (words) =>
      words
        .map((value, key) => ({ key: value, value: key }), { key: string(), value: string() })
        .to('out'),
    [
      ['to be', 'a', 7],
      ['or', null, 3],
      [null, 'b', 9],
    ],
  ],
  'map-values': [
    (words) => words.mapValues((v) => v?.length ?? null, { value: int64() }).to('out'),
    [
      ['a', 5, 7],
      [null, 2, 3],
      ['b', null, 9],
    ],
  ],
  'flat-map': [
    (words) =>
      words
        .flatMap((v, key) => (v ?? '').split(' ').map((part) => ({ key: part, value: key })), {
          key: string(),
          value: string(),
        })
        .to('out'),
    [
      ['to', 'a', 7],
      ['be', 'a', 7],
      ['or', null, 3],
      ['', 'b', 9],
    ],
  ],
  'flat-map-values': [
    (words) => words.flatMapValues((v) => v?.split(' ') ?? [], { value: string() }).to('out'),
    [
      ['a', 'to', 7],
      ['a', 'be', 7],
      [null, 'or', 3],
    ],
  ],
  'select-key': [
    (words) => words.selectKey((v) => v, { key: string() }).to('out'),
    [
      ['to be', 'to be', 7],
      ['or', 'or', 3],
      [null, null, 9],
    ],
  ],
  'merge with itself': [
    (words) => words.merge(words.filter((v) => v === 'or')).to('out'),
    [
      ['a', 'to be', 7],
      [null, 'or', 3],
      [null, 'or', 3],
      ['b', null, 9],
    ],
  ],
  split: [
    (words) => {
      const { short, default: rest } = words.split({
        short: (v) => v === null || v.length < 3,
        never: () => true,
        default: true,
      });
      short.to('out');
      rest.to('rest');
    },
    [
      [null, 'or', 3],
      ['b', null, 9],
    ],
  ],
  'to a topic per record': [
    (words) => words.to((v, key) => (v === null || key === null ? 'out' : 'elsewhere')),
    [
      [null, 'or', 3],
      ['b', null, 9],
    ],
  ],
  repartition: [
    (words) => words.repartition({ name: 'again' }).to('out'),
    [
      ['a', 'to be', 7],
      [null, 'or', 3],
      ['b', null, 9],
    ],
  ],
};

describe.each(Object.entries(operators))('%s', (_name, [build, expected]) => {
  it('gives what it says in every run mode, nulls included', () => {
    const out = expected.map(([key, value, timestamp]) => ({
      key,
      value,
      timestamp: Number(timestamp),
    }));
    return expectInEveryRunMode({ topology: between(build), input, output: { out }, drops: [] });
  });

  it('gives nothing for nothing', () => {
    expect(new TopologyTestDriver(between(build)).read('out')).toEqual([]);
  });

  it('keeps the headers of the record that caused it', () => {
    const driver = new TopologyTestDriver(between(build));
    const headers = headersOf([['trace', Uint8Array.of(1)]]);
    driver.send(
      'in',
      input.map((record) => ({ ...record, headers })),
    );
    for (const record of driver.read('out')) expect(record.headers.size).toBe(1);
    expect(noHeaders.size).toBe(0);
  });
});

it('an operator behind a stream with two children gives each child every record', () => {
  const topology = between((words) => {
    words.filter((v) => v === 'or').to('first');
    words.filter((v) => v === 'or').to('second');
  });
  const driver = new TopologyTestDriver(topology);
  driver.send('in', input);
  expect(driver.read('first').length + driver.read('second').length).toBe(2);
});

const forgetful: Record<string, (words: Words) => KStream<unknown, unknown, never>> = {
  map: (words) => words.map(() => undefined as never),
  'map without a key': (words) => words.map(() => ({ key: undefined as never, value: 1 })),
  'map-values': (words) => words.mapValues(() => undefined as never),
  'flat-map': (words) => words.flatMap(() => undefined as never),
  'flat-map of undefined': (words) => words.flatMap(() => [undefined as never]),
  'flat-map-values': (words) => words.flatMapValues(() => [undefined as never]),
  'select-key': (words) => words.selectKey(() => undefined as never),
};

describe.each(Object.entries(forgetful))('%s with a forgotten return', (_name, build) => {
  it('is an error that names the node, never a tombstone', () => {
    const driver = new TopologyTestDriver(between((words) => void build(words)));
    const node = /'(map|map-values|flat-map|flat-map-values|select-key)-1'/;
    expect(() => driver.send('in', input[0] ?? [])).toThrow(node);
    try {
      driver.send('in', input[0] ?? []);
    } catch (error) {
      expect(error).toMatchObject({ code: 'UNDEFINED_VALUE' });
    }
  });
});

it('a callback gets value, key, and the time and headers of the record', () => {
  const seen: unknown[] = [];
  const topology = between((words) =>
    words
      .peek((value, key, { timestamp, headers }) =>
        seen.push([value, key, timestamp, headers.size]),
      )
      .forEach((value) => seen.push(value)),
  );
  new TopologyTestDriver(topology).send('in', input[0] ?? []);
  expect(seen).toEqual([['to be', 'a', 7, 0], 'to be']);
});
