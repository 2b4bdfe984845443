import { describe, expect, it } from 'vitest';
import { headersOf, onUpdate, string, TopologyBuilder } from '../../src/index.ts';
import type { Headers } from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { thrownBy } from '../support/thrown.ts';

const text = { key: string(), value: string() };
const utf8 = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const plain = (headers: Headers) => headers.entries().map(([name, value]) => [name, utf8(value)]);

const sentWith = (...entries: readonly (readonly [string, string])[]) => ({
  key: 'a',
  value: 'v',
  headers: headersOf(entries.map(([name, value]) => [name, Buffer.from(value)])),
});

describe('mapHeaders', () => {
  it('the record leaves with what the mapper makes of its headers; all else stays', () => {
    const builder = new TopologyBuilder('app');
    builder
      .stream('in', text)
      .mapHeaders((headers, value, key) => headers.without('old').with('new', `${key}${value}`))
      .filter((_value, _key, { headers }) => headers.get('keep') !== undefined)
      .to('out');
    const driver = new TopologyTestDriver(builder.build());
    driver.send('in', { ...sentWith(['old', '1'], ['keep', '2'], ['old', '3']), timestamp: 7 });
    driver.send('in', sentWith(['old', '1']));
    const [record, ...others] = driver.read('out');
    expect(others).toEqual([]);
    expect(record).toMatchObject({ key: 'a', value: 'v', timestamp: 7 });
    expect(record === undefined ? [] : plain(record.headers)).toEqual([
      ['keep', '2'],
      ['new', 'av'],
    ]);
  });

  it('the key counts as unchanged, and an aggregation behind it has no headers', () => {
    const builder = new TopologyBuilder('app');
    builder
      .stream('in', text)
      .mapHeaders((headers) => headers.with('h', '1'))
      .groupByKey()
      .count({ name: 'counts', emit: onUpdate() })
      .toStream()
      .to('out');
    const topology = builder.build();
    expect(topology.subTopologies).toHaveLength(1);
    const driver = new TopologyTestDriver(topology);
    driver.send('in', sentWith());
    expect(driver.read('out').map(({ headers }) => headers.size)).toEqual([0]);
  });

  it('what another branch gets is not touched', () => {
    const builder = new TopologyBuilder('app');
    const input = builder.stream('in', text);
    input.mapHeaders((headers) => headers.with('h', '1')).to('changed');
    input.to('plain');
    const driver = new TopologyTestDriver(builder.build());
    driver.send('in', sentWith(['old', '1']));
    const read = (topic: string) => driver.read(topic).flatMap(({ headers }) => plain(headers));
    expect(read('changed')).toEqual([
      ['old', '1'],
      ['h', '1'],
    ]);
    expect(read('plain')).toEqual([['old', '1']]);
  });

  it('a forgotten return is an error of the record', () => {
    const builder = new TopologyBuilder('app');
    const forgotten = () => undefined as unknown as Headers; // as in JavaScript
    builder.stream('in', text).mapHeaders(forgotten).to('out');
    const driver = new TopologyTestDriver(builder.build());
    const error = thrownBy(() => driver.send('in', sentWith()));
    expect(error).toMatchObject({ code: 'UNDEFINED_VALUE', where: { node: 'map-headers-1' } });
  });
});
