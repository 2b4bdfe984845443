import { describe, expect, it } from 'vitest';
import {
  type Serde,
  type SourceChangelogTableOptions,
  string,
  type TableOptions,
  type Topology,
  TopologyBuilder,
  type TopologyError,
  valueTime,
  wallClock,
} from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { expectInEveryRunMode } from '../support/expect-in-every-run-mode.ts';
import { levelDriver } from '../support/level-driver.ts';
import { memoryDriver } from '../support/memory-driver.ts';
import { thrownBy } from '../support/thrown.ts';

const serdes = { key: string(), value: string() };
const changelog = 'source' as const;
const record =
  (topic: string) => (key: string | null, value: string | null, timestamp: number) => ({
    topic,
    key,
    value,
    timestamp,
  });
const row = record('rows');
const ask = record('asks');
const out = (key: string, value: string, timestamp: number) => ({ key, value, timestamp });
const drivers = [
  ['memory', memoryDriver],
  ['disk', levelDriver],
] as const;

/** Text, but for one that cannot be read. */
const picky: Serde<string> = {
  ...serdes.value,
  deserializeRange(buffer, start, end) {
    const text = buffer.toString('utf8', start, end);
    if (text === 'unreadable') throw new Error('This is unreadable.');
    return text;
  },
};

type Options = Partial<TableOptions<string, string> | SourceChangelogTableOptions<string, string>>;

/** What the table has is told by a join. */
function asked(options: Options = {}): Topology {
  const builder = new TopologyBuilder('test');
  const all = { name: 'rows', ...serdes, ...options, changelog };
  const rows = builder.table('rows', all as TableOptions<string, string>); // right or wrong ones
  builder
    .stream('asks', serdes)
    .leftJoin(rows, (question, found) => `${question}+${found}`, { value: string() })
    .to('answers');
  return builder.build();
}

describe('a table whose topic is its changelog', () => {
  it.each(drivers)('answers alike before and after every crash, on %s', async (_name, driver) => {
    await expectInEveryRunMode(
      {
        topology: asked(),
        input: [
          ask('a', 'q', 0),
          row('a', '1', 1),
          ask('a', 'q', 2),
          row('b', '1', 3),
          row('a', '2', 2),
          ask('a', 'q', 4),
          row('a', null, 5),
          ask('a', 'q', 5),
          ask('b', 'q', 6),
          row('', '', 7),
          ask('', 'q', 8),
          row('a', '3', 9),
          ask('a', 'q', 9),
        ],
        output: {
          answers: [
            out('a', 'q+null', 0),
            out('a', 'q+1', 2),
            out('a', 'q+2', 4),
            out('a', 'q+null', 5),
            out('b', 'q+1', 6),
            out('', 'q+', 8),
            out('a', 'q+3', 9),
          ],
        },
        drops: [],
      },
      driver,
    );
  });

  it.each(drivers)('leaves out again what its source refused, on %s', async (_name, driver) => {
    const topology = asked({ value: picky, onError: 'drop', maxFuture: 100 });
    await expectInEveryRunMode(
      {
        topology,
        input: [
          row('a', '1', 1),
          row(null, '2', 2),
          row('a', 'unreadable', 3),
          row('a', '4', 101),
          row('a', '5', -1),
          ask('a', 'q', 6),
        ],
        output: { answers: [out('a', 'q+1', 6)] },
        drops: ['null-key', 'deserialization', 'future', 'invalid-timestamp'],
      },
      driver,
    );
  });

  it('keeps to its drops when the clock has come so far that they would not be any', () => {
    const driver = new TopologyTestDriver(asked({ maxFuture: 100 }));
    driver.send('rows', row('a', '1', 50));
    driver.send('rows', row('a', '2', 5_000));
    driver.advanceWallClock(10_000);
    driver.crash();
    expect(driver.store('rows').entries()).toEqual([['a', '1']]);
  });

  it('has the times of its rows from its extractor', () => {
    const builder = new TopologyBuilder('test');
    const timestamp = valueTime((value: string) => value.length);
    const rows = builder.table('rows', { name: 'rows', ...serdes, timestamp, changelog });
    rows
      .join(builder.table('others', { name: 'others', ...serdes }), (a, b) => `${a}${b}`)
      .toStream()
      .to('out', { value: string() });
    const driver = new TopologyTestDriver(builder.build());
    driver.send('rows', row('a', 'four', 90));
    driver.crash();
    driver.send('others', record('others')('a', '!', 2));
    expect(driver.read('out').map((own) => own.timestamp)).toEqual([4]);
  });

  it('has no other changelog, and writes nothing to its own', () => {
    const topology = asked();
    const driver = new TopologyTestDriver(topology);
    driver.send('rows', row('a', '1', 0));
    expect(topology.describe()).not.toContain('test-rows-changelog');
    expect(driver.readTable('test-rows-changelog').size).toBe(0);
    expect(driver.readTable('rows')).toEqual(new Map([['a', '1']]));
  });

  it('gives its changes on after a restore as if there had been none', async () => {
    const builder = new TopologyBuilder('test');
    builder
      .table('rows', { name: 'rows', ...serdes, changelog })
      .groupBy((value) => ({ key: value, value }), { name: 'by-value', ...serdes })
      .count({ name: 'counts' })
      .toStream()
      .mapValues(String, { value: string() })
      .to('out');
    await expectInEveryRunMode({
      topology: builder.build(),
      input: [row('a', 'x', 1), row('b', 'x', 2), row('a', 'y', 3), row('b', null, 4)],
      output: {
        out: [
          out('x', '1', 1),
          out('x', '2', 2),
          out('x', '1', 3),
          out('y', '1', 3),
          out('x', '0', 4),
        ],
      },
    });
  });

  it('may have fewer partitions than there are tasks, and be written by its own topology', () => {
    const builder = new TopologyBuilder('test');
    builder.table('rows', { name: 'rows', ...serdes, changelog });
    builder.stream('asks', serdes).to('rows');
    const driver = new TopologyTestDriver(builder.build());
    driver.send('asks', ask('a', '1', 0));
    driver.crash();
    expect(driver.store('rows').get('a')).toBe('1');
    driver.send('asks', ask('a', '2', 0));
    driver.crash();
    expect(driver.store('rows').get('a')).toBe('2');
  });

  const inTheWay = [
    ['versions', { versioned: { history: 1 } }],
    ['a time to live', { timeToLive: 1 }],
    ['wallClock()', { timestamp: wallClock() }],
    ["onInvalidTimestamp: 'partition-time'", { onInvalidTimestamp: 'partition-time' }],
  ] as const;
  it.each(inTheWay)('cannot be made again of its topic with %s', (what, options) => {
    const error = thrownBy(() => asked(options)) as TopologyError; // of build()
    expect(error.problems).toMatchObject([{ code: 'BAD_OPTION', node: 'rows' }]);
    expect(error.message).toContain(what);
  });
});
