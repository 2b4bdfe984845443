import { describe, expect, it } from 'vitest';
import {
  noHeaders,
  type Processor,
  type ProcessorContext,
  string,
  TopologyBuilder,
  type TopologyError,
  versionedStore,
} from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { expectInEveryRunMode } from '../support/expect-in-every-run-mode.ts';
import { thrownBy } from '../support/thrown.ts';

const serdes = { key: string(), value: string() };
const row = (key: string | null, value: string | null, timestamp: number) => ({
  topic: 'rows',
  key,
  value,
  timestamp,
});
const event = (key: string | null, value: string | null, timestamp: number) => ({
  ...row(key, value, timestamp),
  topic: 'events',
});
const joiner = (value: string, found: string | null) => `${value}+${found ?? 'none'}`;

function joining(history: number, grace?: number) {
  const builder = new TopologyBuilder('test');
  const table = builder.table('rows', { name: 'rows', ...serdes, versioned: { history } });
  const options = { name: 'joined', value: string(), ...(grace === undefined ? {} : { grace }) };
  builder
    .stream('events', { ...serdes, tombstones: 'keep' })
    .leftJoin(table, joiner, options)
    .to('out');
  return builder.build();
}

const result = (key: string | null, value: string, timestamp: number) => ({
  key,
  value,
  timestamp,
});

describe('a versioned table', () => {
  it('an equal timestamp replaces the version, also one that is not the latest', () =>
    expectInEveryRunMode({
      topology: joining(20),
      input: [row('k', 'a', 10), row('k', 'b', 10), row('k', 'c', 20), row('k', 'd', 10)].concat(
        event('k', 's', 15),
        event('k', 't', 20),
      ),
      output: { out: [result('k', 's+d', 15), result('k', 't+c', 20)] },
      drops: [],
    }));

  it('a tombstone is a version: nothing is found from its time on', () =>
    expectInEveryRunMode({
      topology: joining(20),
      input: [row('k', 'a', 10), row('k', null, 12), row('k', 'b', 14)].concat(
        ...[11, 12, 13, 14].map((timestamp) => event('k', 's', timestamp)),
      ),
      output: {
        out: ['a', 'none', 'none', 'b'].map((found, index) =>
          result('k', `s+${found}`, 11 + index),
        ),
      },
    }));

  it('is looked up through filter and mapValues as of the same time', () => {
    const builder = new TopologyBuilder('test');
    const table = builder
      .stream('rows', { ...serdes, tombstones: 'keep' })
      .toTable({ name: 'rows', versioned: { history: 20 } })
      .filter((value) => value !== 'hidden')
      .mapValues((value) => value.toUpperCase(), { value: string() });
    expect(table.isVersioned).toBe(true);
    builder
      .stream('events', serdes)
      .join(table, (value, found) => value + found, { name: 'joined', value: string(), grace: 0 })
      .to('out');
    return expectInEveryRunMode({
      topology: builder.build(),
      input: [row('k', 'a', 10), row('k', 'hidden', 12), row('k', 'b', 14)].concat(
        ...[11, 13, 14].map((timestamp) => event('k', 's', timestamp)),
      ),
      output: { out: [result('k', 'sA', 11), result('k', 'sB', 14)] },
    });
  });

  it('history 0 keeps the row with the latest timestamp', () => {
    const builder = new TopologyBuilder('test');
    const versioned = { history: 0 };
    builder
      .table('rows', { name: 'rows', ...serdes, versioned })
      .toStream()
      .to('out');
    return expectInEveryRunMode({
      topology: builder.build(),
      input: [row('k', 'a', 10), row('k', 'b', 5), row('j', 'c', 5), row('k', 'd', 11)],
      output: { out: [result('k', 'a', 10), result('j', 'c', 5), result('k', 'd', 11)] },
      drops: ['expired-version'],
    });
  });

  it('forgets what is out of its history, also of keys that never change again', () => {
    const driver = new TopologyTestDriver(joining(80));
    for (let timestamp = 0; timestamp < 100; timestamp += 1) {
      driver.send('rows', [row('k', `v${timestamp}`, timestamp), row('j', 'w', timestamp)]);
    }
    const changelog = 'test-rows-changelog';
    const before = driver.readTable(changelog).size;
    expect(before).toBeGreaterThan(4);
    driver.send('rows', row('x', 'y', 1000));
    expect(driver.readTable(changelog).size).toBe(3);
    expect(driver.store('rows').entries()).toEqual([
      ['j', 'w'],
      ['k', 'v99'],
      ['x', 'y'],
    ]);
  });

  it('counts what came out of order, and forwards changes from latest to latest', () => {
    const builder = new TopologyBuilder('test');
    const versioned = { history: 100 };
    const table = builder.table('rows', { name: 'rows', ...serdes, versioned });
    const upper = table.mapValues((value) => value.toUpperCase(), { value: string() });
    upper
      .filter((value) => value !== 'B')
      .toStream()
      .to('out');
    const driver = new TopologyTestDriver(builder.build());
    driver.send('rows', [
      row('k', 'b', 10),
      row('k', 'a', 5),
      row('k', 'c', 12),
      row('k', 'b', 13),
    ]);
    expect(driver.read('out').map(({ value }) => value)).toEqual(['C', null]);
  });
});

describe('a join with grace', () => {
  it('waits for the timestamp and the grace, then looks up in order of time, key and arrival', () =>
    expectInEveryRunMode({
      topology: joining(20, 10),
      input: [
        event('b', 's1', 5),
        event('a', 's2', 5),
        event('b', 's3', 5),
        event('a', 's4', 3),
        row('a', 'x', 4),
        row('b', 'y', 5),
        event('c', 's5', 15),
        row('c', 'z', 15),
        event('c', 's6', 5),
        event('c', 's7', 25),
      ],
      output: {
        out: [
          result('a', 's4+none', 3),
          result('a', 's2+x', 5),
          result('b', 's1+y', 5),
          result('b', 's3+y', 5),
          result('c', 's6+none', 5),
          result('c', 's5+z', 15),
        ],
      },
      drops: [],
    }));

  it('a record without a key is joined with nothing at once; one without a value is dropped', () =>
    expectInEveryRunMode({
      topology: joining(20, 10),
      input: [event(null, 's', 5), event('a', null, 5), event(null, null, 5)],
      output: { out: [result(null, 's+none', 5)] },
      drops: ['null-value', 'null-value'],
    }));

  it('what waited keeps its own headers', () => {
    const driver = new TopologyTestDriver(joining(20, 10));
    const headers = noHeaders.with('by', 'ann').with('by', '');
    driver.send('events', { ...event('a', 's', 1), headers });
    driver.crash();
    driver.send('events', event('a', 't', 11));
    const [found] = driver.read('out');
    expect(found?.value).toBe('s+none');
    expect(found?.headers.getAll('by').map((bytes) => Buffer.from(bytes).toString())).toEqual([
      'ann',
      '',
    ]);
  });

  const problemsOf = (build: (builder: TopologyBuilder) => void) => {
    const builder = new TopologyBuilder('test');
    build(builder);
    const error = thrownBy(() => builder.build()) as TopologyError; // build() throws no other
    return error.problems.map(({ code, node }) => [code, node]);
  };

  it('is refused on a table without versions', () => {
    const found = problemsOf((builder) => {
      const table = builder.table('rows', { name: 'rows', ...serdes });
      // @ts-expect-error the table is not versioned
      builder.stream('events', serdes).join(table, joiner, { name: 'joined', grace: 5 });
    });
    expect(found).toEqual([['NOT_VERSIONED', 'joined']]);
  });

  it('is refused without a name, or beyond the history of the table', () => {
    const found = problemsOf((builder) => {
      const versioned = { history: 4 };
      const table = builder.table('rows', { name: 'rows', ...serdes, versioned });
      // @ts-expect-error what waits lies in a store, which has a name
      builder.stream('events', serdes).join(table, joiner, { grace: 5 });
    });
    expect(found).toEqual([
      ['NAME_MISSING', 'join-1'],
      ['BAD_OPTION', 'join-1'],
    ]);
  });
});

it('a versioned store of one’s own goes by the stream time of its node', () => {
  const prices = versionedStore({ name: 'prices', ...serdes, history: 10 });
  const builder = new TopologyBuilder('test');
  builder
    .stream('rows', serdes)
    .process(
      {
        name: 'own',
        stores: [prices],
        create: (context: ProcessorContext<string, string>): Processor<string | null, string> => {
          const store = context.store(prices);
          return {
            process({ key, value, timestamp, headers }) {
              const put = store.put(key ?? '', { value, timestamp });
              const before = store.asOf(key ?? '', timestamp - 5)?.value ?? 'none';
              const latest = store.get(key ?? '')?.value ?? 'none';
              const told = `${put} ${before} ${latest}`;
              context.forward({ key: key ?? '', value: told, timestamp, headers });
            },
          };
        },
      },
      { key: string(), value: string() },
    )
    .to('out');
  return expectInEveryRunMode({
    topology: builder.build(),
    input: [row('k', 'a', 10), row('k', 'b', 17), row('k', 'c', 12), row('j', 'x', 40)].concat(
      row('k', 'd', 15),
      row('k', 'e', 41),
    ),
    output: {
      out: [
        result('k', 'latest none a', 10),
        result('k', 'latest a b', 17),
        result('k', 'older none b', 12),
        result('j', 'latest none x', 40),
        result('k', 'expired none b', 15),
        result('k', 'latest b e', 41),
      ],
    },
  });
});
