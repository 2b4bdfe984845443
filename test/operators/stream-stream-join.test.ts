import { describe, expect, it } from 'vitest';
import {
  type Duration,
  type KStream,
  noHeaders,
  string,
  type Topology,
  TopologyBuilder,
} from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { expectInEveryRunMode } from '../support/expect-in-every-run-mode.ts';

type Kind = 'join' | 'leftJoin' | 'outerJoin';

interface Bounds {
  readonly before: Duration;
  readonly after: Duration;
  readonly grace: Duration;
}

const near: Bounds = { before: 10, after: 10, grace: 0 };
const source = { key: string(), value: string(), tombstones: 'keep', maxFuture: 'off' } as const;
const text = (l: string | null, r: string | null) => `${l ?? '∅'}+${r ?? '∅'}`;

function joining(kind: Kind, bounds: Bounds = near): Topology {
  const builder = new TopologyBuilder('test');
  const left = builder.stream('L', source);
  const right = builder.stream('R', source);
  const late = (own: KStream<string | null, string | null>, other: typeof own) => {
    own.to('late-L');
    other.to('late-R');
  };
  const options = { name: 'j', ...bounds, late, value: string() };
  const joined: KStream<string | null, string> =
    kind === 'join'
      ? left.join(right, text, options)
      : kind === 'leftJoin'
        ? left.leftJoin(right, text, options)
        : left.outerJoin(right, text, options);
  joined.to('out');
  return builder.build();
}

function joiningItself(kind: Kind, bounds: Bounds): Topology {
  const builder = new TopologyBuilder('test');
  const stream = builder.stream('L', source);
  const late = (own: KStream<string | null, string | null>) => own.to('late-L');
  const options = { name: 'j', ...bounds, late, value: string() };
  if (kind === 'join') stream.join(stream, text, options).to('out');
  else stream.outerJoin(stream, text, options).to('out');
  return builder.build();
}

type Part = readonly [key: string | null, value: string | null, timestamp: number];
const L = (...[key, value, timestamp]: Part) => ({ topic: 'L', key, value, timestamp });
const R = (...[key, value, timestamp]: Part) => ({ topic: 'R', key, value, timestamp });
const out = (...[key, value, timestamp]: Part) => ({ key, value, timestamp });

/** Sent and committed one by one; what came out for each. */
function turns(topology: Topology, input: readonly ReturnType<typeof L>[]): string[][] {
  const driver = new TopologyTestDriver(topology);
  return input.map(({ topic, ...record }) => {
    driver.send(topic, record);
    const records = driver.read<string | null, string>('out');
    return records.map(({ key, value, timestamp }) => `${key}=${value}@${timestamp}`);
  });
}

describe('two streams', () => {
  it('both ends of the bounds are included, and before and after are not one', () => {
    const bounds = { before: 2, after: 5, grace: 100 };
    const input = [L('k', 'l', 50), ...[47, 48, 50, 55, 56].map((at) => R('k', `r${at}`, at))];
    const pairs = ['l+r48', 'l+r50', 'l+r55'];
    expect(turns(joining('join', bounds), input).flat()).toEqual(
      pairs.map((pair) => `k=${pair}@${Math.max(50, Number(pair.slice(3)))}`),
    );
  });

  it('bounds of 0 join what has one timestamp', async () => {
    await expectInEveryRunMode({
      topology: joining('outerJoin', { before: 0, after: 0, grace: 0 }),
      input: [L('k', 'l1', 5), R('k', 'r1', 5), R('k', 'r2', 6), L('k', 'l2', 7)],
      output: { out: [out('k', 'l1+r1', 5), out('k', '∅+r2', 6)] },
    });
  });

  it('keys do not mix, and equal records all count', async () => {
    await expectInEveryRunMode({
      topology: joining('join'),
      input: [L('a', 'x', 1), L('a', 'x', 1), L('b', 'y', 1), R('a', 'r', 2), R('c', 'r', 2)],
      output: { out: [out('a', 'x+r', 2), out('a', 'x+r', 2)], 'late-L': [], 'late-R': [] },
      drops: [],
    });
  });

  it('a record is late once the close time of its own side has come', async () => {
    // Left rows close at t + 31 + 5, right rows at t + 11 + 5.
    const topology = joining('outerJoin', { before: 10, after: 30, grace: 5 });
    await expectInEveryRunMode({
      topology,
      input: [
        L('x', 'now', 100),
        L('k', 'open', 65),
        L('k', 'late', 64),
        R('k', 'late', 84),
        R('k', 'open', 85),
      ],
      output: {
        out: [out('k', 'open+open', 85)],
        'late-L': [out('k', 'late', 64)],
        'late-R': [out('k', 'late', 84)],
      },
      drops: ['late', 'late'],
    });
  });

  it('rows of both sides that are due together leave in order of key, then arrival', async () => {
    await expectInEveryRunMode({
      topology: joining('outerJoin'),
      input: [
        R('b', 'r1', 5),
        L('c', 'l1', 5),
        L('a', 'l2', 5),
        R('a\0', 'r3', 5),
        R('', 'r2', 5),
        L('x', 'now', 16),
      ],
      output: {
        out: [
          out('', '∅+r2', 5),
          out('a', 'l2+∅', 5),
          out('a\0', '∅+r3', 5),
          out('b', '∅+r1', 5),
          out('c', 'l1+∅', 5),
        ],
      },
    });
  });

  it('rows of one key that are due together leave as they came', async () => {
    await expectInEveryRunMode({
      topology: joining('outerJoin', { before: 10, after: 0, grace: 0 }),
      input: [
        L('k', 'l1', 20),
        R('k', 'r1', 9),
        L('k', 'l2', 20),
        R('k', 'r2', 9),
        L('x', 'now', 21),
      ],
      // The left rows close at 21, the right ones at 20, which had come when they did.
      output: { out: [out('k', 'l1+∅', 20), out('k', 'l2+∅', 20)] },
      drops: ['late', 'late'],
    });
  });

  it('null keys leave at once on a wanted side and are dropped on the other', async () => {
    const input = [
      L('x', 'now', 20),
      L(null, 'l', 15),
      R(null, 'r', 15),
      L(null, 'old', 9),
      L(null, null, 15),
      R(null, null, 15),
      R('k', null, 15),
    ];
    await expectInEveryRunMode({
      topology: joining('join'),
      input,
      output: { out: [] },
      drops: ['null-key', 'null-key', 'late', 'null-key', 'null-key', 'null-value'],
    });
    await expectInEveryRunMode({
      topology: joining('leftJoin'),
      input,
      output: { out: [out(null, 'l+∅', 15)], 'late-L': [out(null, 'old', 9)] },
      drops: ['null-key', 'late', 'null-value', 'null-key', 'null-value'],
    });
    await expectInEveryRunMode({
      topology: joining('outerJoin'),
      input,
      output: { out: [out(null, 'l+∅', 15), out(null, '∅+r', 15)] },
      drops: ['late', 'null-value', 'null-value', 'null-value'],
    });
  });

  it('a pair has the headers of the record that completed it, an unmatched row its own', () => {
    const driver = new TopologyTestDriver(joining('leftJoin'));
    const headers = (value: string) => noHeaders.with('who', value);
    driver.send('L', { key: 'a', value: 'l', timestamp: 5, headers: headers('left') });
    driver.send('L', { key: 'b', value: 'l', timestamp: 5, headers: headers('alone') });
    driver.crash();
    driver.send('R', { key: 'a', value: 'r', timestamp: 6, headers: headers('right') });
    driver.send('R', { key: 'x', value: 'r', timestamp: 60, headers: headers('later') });
    const who = driver.read('out').map((record) => String(record.headers.get('who')));
    expect(who).toEqual(['right', 'alone']);
  });

  it('a key with hundreds of rows finds all of them in order, and none is left behind', () => {
    const driver = new TopologyTestDriver(
      joining('leftJoin', { before: 500, after: 500, grace: 0 }),
    );
    // Backwards and forwards, so that arrival is not the order of time.
    for (let index = 0; index < 300; index++) {
      const timestamp = 1000 + (index % 2 === 0 ? index : 300 - index);
      driver.send('L', { key: 'k', value: `l${timestamp}.${index}`, timestamp });
    }
    driver.send('R', { key: 'k', value: 'r', timestamp: 1300 });
    const times = driver.read<string, string>('out').map(({ value }) => Number(value.slice(1, 5)));
    expect(times).toHaveLength(300);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    driver.send('R', { key: 'x', value: 'now', timestamp: 5000 });
    expect(driver.read('out')).toEqual([]);
  });

  it('keeps only rows that are open, and those of their stretch of time', () => {
    const driver = new TopologyTestDriver(
      joining('outerJoin', { before: 40, after: 39, grace: 20 }),
    );
    for (let timestamp = 0; timestamp < 1000; timestamp += 5) {
      driver.send('L', { key: 'k', value: 'l', timestamp });
      driver.send('R', { key: 'k', value: 'r', timestamp });
    }
    const rows = ['j-left', 'j-right'].map((name) => driver.store(name).entries().length);
    // Open for 60 of stream time, in stretches of 40.
    expect(Math.max(...rows)).toBeLessThanOrEqual(4);
  });

  it('a joiner that throws leaves nothing: the row is neither stored nor matched', () => {
    const builder = new TopologyBuilder('test');
    const [left, right] = [builder.stream('L', source), builder.stream('R', source)];
    const joiner = (l: string, r: string | null) => {
      if (r === 'bad') throw new Error('bad');
      return text(l, r);
    };
    const options = { name: 'j', ...near, onError: 'drop', value: string() } as const;
    left.leftJoin(right, joiner, options).to('out');
    const driver = new TopologyTestDriver(builder.build());
    driver.send('L', { key: 'k', value: 'l', timestamp: 5 });
    driver.send('R', { key: 'k', value: 'bad', timestamp: 6 });
    driver.send('L', { key: 'x', value: 'now', timestamp: 16 });
    expect(driver.read<string, string>('out').map(({ value }) => value)).toEqual(['l+∅']);
    expect(driver.dropped('processing')).toBe(1);
  });

  it('a joiner without a return is UNDEFINED_VALUE', () => {
    const builder = new TopologyBuilder('test');
    const [left, right] = [builder.stream('L', source), builder.stream('R', source)];
    const forgotten = (() => undefined) as unknown as () => string;
    left.join(right, forgotten, { name: 'j', ...near, value: string() }).to('out');
    const driver = new TopologyTestDriver(builder.build());
    driver.send('L', { key: 'k', value: 'l', timestamp: 5 });
    const send = () => driver.send('R', { key: 'k', value: 'r', timestamp: 5 });
    expect(send).toThrow(expect.objectContaining({ code: 'UNDEFINED_VALUE' }));
  });
});

describe('a stream and itself', () => {
  it('with unequal bounds a record may be late as one side only', async () => {
    // As left open until t + 1 + grace, as right until t + 21 + grace.
    await expectInEveryRunMode({
      topology: joiningItself('join', { before: 20, after: 0, grace: 0 }),
      input: [L('a', 'a', 30), L('a', 'b', 25), L('a', 'c', 9)],
      output: { out: [out('a', 'a+a', 30), out('a', 'a+b', 30)], 'late-L': [out('a', 'c', 9)] },
      drops: ['late'],
    });
  });

  it('an outer join passes on what is late as one side and met nobody as the other', async () => {
    await expectInEveryRunMode({
      topology: joiningItself('outerJoin', { before: 20, after: 0, grace: 0 }),
      input: [L('a', 'a', 30), L('b', 'b', 25), L('a', 'c', 60)],
      output: { out: [out('a', 'a+a', 30), out('b', '∅+b', 25), out('a', 'c+c', 60)] },
      drops: [],
    });
  });
});

describe('the plan', () => {
  it('changed keys go through topics called after the join and its side', () => {
    const builder = new TopologyBuilder('test');
    const rekeyed = (topic: string) =>
      builder.stream(topic, source).selectKey((value) => value, { key: string() });
    const [left, right] = [rekeyed('L'), rekeyed('R')];
    left.join(right, text, { name: 'j', ...near, value: string() }).to('out');
    left.join(left, text, { name: 'self', ...near, value: string() }).to('out-self');
    const points = builder.build().nodes.filter(({ type }) => type === 'repartition');
    expect(points.map(({ name }) => name)).toEqual(['j-left', 'j-right', 'self-input']);
  });

  it('joined streams are co-partitioned', () => {
    const [sub] = joining('join').subTopologies;
    expect(sub?.copartitioned.map((group) => group.map(({ topic }) => topic))).toEqual([
      ['L', 'R'],
    ]);
  });

  it('kind and bounds say what the rows are, grace does not', () => {
    const details = (kind: Kind, bounds: Bounds) =>
      joining(kind, bounds).subTopologies[0]?.stores.map(({ name, schema }) => [
        name,
        schema.detail,
      ]);
    const detail = { join: 'leftJoin', beforeMs: 3, afterMs: 12, bucketMs: 8 };
    const expected = { ...detail, join: 'left-join' };
    const bounds = { before: 3, after: 12, grace: 7 };
    expect(details('leftJoin', bounds)).toEqual([
      ['j-left', expected],
      ['j-right', expected],
    ]);
  });

  it('streams whose keys have two formats never meet: they are refused', () => {
    const builder = new TopologyBuilder('test');
    const left = builder.stream('L', source);
    const key = { ...string(), format: 'other' };
    const right = builder.stream('R', { ...source, key });
    left.join(right, text, { name: 'j', ...near, value: string() }).to('out');
    expect(() => builder.build()).toThrow(expect.objectContaining({ code: 'NOT_COPARTITIONED' }));
  });

  it('bounds beyond all time are refused', () => {
    const build = () => joining('join', { before: 0, after: 8e15, grace: 0 });
    expect(build).toThrow(expect.objectContaining({ code: 'BAD_WINDOW' }));
  });
});
