import { describe, expect, it } from 'vitest';
import {
  string,
  TopologyBuilder,
  type TopologyError,
  type TopologyBuilderOptions,
} from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { thrownBy } from '../support/thrown.ts';

const serdes = { key: string(), value: string() };
const at = (key: string | null, value: string | null, timestamp = 0) => ({ key, value, timestamp });

/** Joins by the part of the value before the colon; `-` says that there is none. */
function joining(type: 'join' | 'leftJoin', options: TopologyBuilderOptions = {}) {
  const builder = new TopologyBuilder('test', options);
  const cities = builder.globalTable('cities', { name: 'cities', ...serdes });
  const guests = builder.stream('guests', { ...serdes, tombstones: 'keep' });
  const key = (value: string) => (value === '-' ? null : (value.split(':')[0] ?? null));
  if (type === 'join') {
    const joiner = (value: string, city: string) => `${value}+${city}`;
    guests.join(cities, { key, joiner, value: string() }).to('out');
  } else {
    const joiner = (value: string, city: string | null) => `${value}+${city ?? 'none'}`;
    guests.leftJoin(cities, { key, joiner, value: string(), name: 'joined' }).to('out');
  }
  return builder.build();
}

const valuesOf = (driver: TopologyTestDriver) =>
  driver.read('out').map(({ key, value, timestamp }) => [key, value, timestamp]);

describe.each([1, 3])('a global table of %i partitions', (partitions) => {
  it('is found under any key from any partition, as it is at that moment', () => {
    const driver = new TopologyTestDriver(joining('join'), { partitions });
    driver.send('guests', at('ann', 'BER:1', 5));
    driver.send('cities', [at('BER', 'Berlin', 90), at('OSL', 'Oslo', 3)]);
    driver.send('guests', [at('ann', 'BER:2', 5), at('bob', 'OSL:3', 6), at(null, 'BER:4', 7)]);
    driver.send('cities', [at('BER', 'B', 2), at('OSL', null, 1)]);
    driver.crash();
    driver.send('guests', [at('ann', 'BER:5', 5), at('bob', 'OSL:6', 6)]);
    const byTime = valuesOf(driver).sort((a, b) => Number(a[2]) - Number(b[2]));
    expect(byTime).toEqual([
      ['ann', 'BER:2+Berlin', 5],
      ['ann', 'BER:5+B', 5],
      ['bob', 'OSL:3+Oslo', 6],
      [null, 'BER:4+Berlin', 7],
    ]);
    expect(driver.store('cities').entries()).toEqual([['BER', 'B']]);
    expect(driver.drops()).toEqual([]);
  });

  it('in a left join a missing row, or no key to look up, is null', () => {
    const driver = new TopologyTestDriver(joining('leftJoin'), { partitions });
    driver.send('cities', at('BER', 'Berlin'));
    for (const [index, value] of ['BER:1', 'OSL:2', '-', null].entries()) {
      driver.send('guests', at('ann', value, index));
    }
    expect(valuesOf(driver)).toEqual([
      ['ann', 'BER:1+Berlin', 0],
      ['ann', 'OSL:2+none', 1],
      ['ann', '-+none', 2],
    ]);
    expect(driver.drops().map(({ reason, node }) => [node, reason])).toEqual([
      ['joined', 'null-value'],
    ]);
  });

  it('in an inner join what has no key to look up is dropped', () => {
    const driver = new TopologyTestDriver(joining('join'), { partitions });
    driver.send('guests', [at('ann', '-'), at('ann', null)]);
    driver.send('cities', at(null, 'nowhere'));
    expect(driver.drops().map(({ reason, topic }) => [topic, reason])).toEqual([
      ['guests', 'null-key'],
      ['guests', 'null-value'],
      ['cities', 'null-key'],
    ]);
  });
});

describe('a global table', () => {
  it('makes no task, no input of one and no internal topic', () => {
    const topology = joining('join');
    expect(topology.subTopologies.map(({ id, inputs }) => [id, inputs.length])).toEqual([
      ['guests', 1],
    ]);
    expect(topology.describe()).toContain(
      'Sub-topology: cities for global store (will not generate tasks)\n' +
        '    Source: cities (topics: [cities], stores: [cities])',
    );
    for (const as of ['mermaid', 'dot', 'json'] as const) {
      expect(topology.describe({ as })).toContain('cities');
    }
  });

  it('does not ask that the streams that join it are partitioned alike', () => {
    const builder = new TopologyBuilder('test');
    const cities = builder.globalTable('cities', { name: 'cities', ...serdes });
    const merged = builder.stream('a', serdes).merge(builder.stream('b', serdes));
    merged.join(cities, { key: (value) => value, joiner: (_value, city) => city });
    expect(builder.build().subTopologies[0]?.copartitioned).toEqual([]);
  });

  it('leaves out what cannot be read, or fails', () => {
    const built = (onError?: 'drop') => {
      const builder = new TopologyBuilder('test', { deadLetter: 'dead' });
      const options = { name: 'cities', ...serdes, ...(onError === undefined ? {} : { onError }) };
      const cities = builder.globalTable('cities', options);
      const guests = builder.stream('guests', serdes);
      guests
        .join(cities, { key: (value) => value, joiner: (_value, city) => city, value: string() })
        .to('out');
      return new TopologyTestDriver(builder.build());
    };
    const bad = { key: Buffer.from([0xff]), value: Buffer.from('x') };
    const dropping = built('drop');
    dropping.sendBytes('cities', bad);
    expect(dropping.dropped('deserialization')).toBe(1);
    const failing = built();
    expect(thrownBy(() => failing.sendBytes('cities', bad)).code).toBe('DESERIALIZATION');
  });

  const problemsOf = (build: (builder: TopologyBuilder) => void) => {
    const builder = new TopologyBuilder('test', { deadLetter: 'dead' });
    build(builder);
    builder.stream('in', serdes);
    const error = thrownBy(() => builder.build()) as TopologyError; // build() throws no other
    return error.problems.map(({ code, node }) => [code, node]);
  };

  it.each([
    ['a topic that is read elsewhere', 'in', { name: 'g' }, 'DUPLICATE_NAME'],
    ['the topic of dead letters', 'dead', { name: 'g' }, 'INVALID_TOPOLOGY'],
    ['versions', 'g', { name: 'g', versioned: { history: 1 } }, 'BAD_OPTION'],
    ['a time to live', 'g', { name: 'g', timeToLive: 1 }, 'BAD_OPTION'],
    ['a name that is none', 'g', { name: 'a b' }, 'BAD_NAME'],
  ])('with %s is refused', (_what, topic, options, code) => {
    const found = problemsOf((builder) => builder.globalTable(topic, { ...options, ...serdes }));
    expect(found.map(([own]) => own)).toContain(code);
  });

  it('a key selector that returns nothing at all is an error', () => {
    const builder = new TopologyBuilder('test');
    const cities = builder.globalTable('cities', { name: 'cities', ...serdes });
    const key = () => undefined as unknown as string; // as a forgotten return gives
    const guests = builder.stream('guests', serdes);
    guests.join(cities, { key, joiner: (_value, city) => city, value: string() }).to('out');
    const driver = new TopologyTestDriver(builder.build());
    expect(thrownBy(() => driver.send('guests', at('a', 'b'))).code).toBe('UNDEFINED_VALUE');
  });
});
