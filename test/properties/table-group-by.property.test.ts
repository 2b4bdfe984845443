import fc from 'fast-check';
import { expect, it } from 'vitest';
import { int64, string, TopologyBuilder } from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { propertyOptions } from '../support/property-options.ts';
import { play, readPlain, stepsOf } from '../support/steps.ts';

/** A group's letter and a number; '-' is no group, a letter alone is a group without a value. */
const update = fc.record({
  key: fc.constantFrom('a', 'b', 'c'),
  value: fc.constantFrom('g1', 'g2', 'h3', 'h4', '-5', 'g', null),
  timestamp: fc.nat(20),
});
type Update = typeof update extends fc.Arbitrary<infer T> ? T : never;

function select(value: string) {
  const own = value.slice(1);
  return { key: value.startsWith('-') ? null : value.slice(0, 1), value: own === '' ? null : own };
}

const serdes = { key: string(), value: string() };

function sumsAndCounts() {
  const builder = new TopologyBuilder('property');
  const table = builder.table('in', { name: 'rows', ...serdes, maxFuture: 'off' });
  const group = table.groupBy(select, { name: 'by', ...serdes });
  group.count({ name: 'counts' }).toStream().to('counts');
  group
    .aggregate({
      name: 'sums',
      initializer: () => 0,
      adder: (sum, value) => sum + Number(value),
      subtractor: (sum, value) => sum - Number(value),
      value: int64(),
    })
    .toStream()
    .to('sums');
  return builder.build();
}

/** Why a value is in no group; null if it is in one. */
function reasonOf(value: string) {
  const { key, value: own } = select(value);
  if (key === null) return 'null-key';
  return own === null ? 'null-value' : null;
}

function groupOf(value: string | null | undefined): string | null {
  return typeof value !== 'string' || reasonOf(value) !== null ? null : select(value).key;
}

/** The rows of the table after the first updates. */
function tableAfter(sent: readonly Update[], count: number): ReadonlyMap<string, string> {
  const last = new Map(sent.slice(0, count).map(({ key, value }) => [key, value]));
  return new Map([...last].flatMap(([key, value]) => (value === null ? [] : [[key, value]])));
}

/** Each group that an update touches, the one left before the one entered, aggregated anew. */
function recomputed(sent: readonly Update[], of: (values: readonly string[]) => number) {
  const touched: { readonly group: string; readonly timestamp: number }[] = [];
  return sent.flatMap(({ key, timestamp }, index) => {
    const [before, after] = [tableAfter(sent, index), tableAfter(sent, index + 1)];
    const left = groupOf(before.get(key));
    const entered = groupOf(after.get(key));
    const groups = [...new Set([left, entered])].filter((group) => group !== null);
    return groups.map((group) => {
      touched.push({ group, timestamp });
      const values = [...after.values()].filter((value) => groupOf(value) === group);
      const times = touched.filter((other) => other.group === group).map((one) => one.timestamp);
      return { key: group, value: of(values), timestamp: Math.max(...times) };
    });
  });
}

it('groups are aggregated anew from the rows that are in them', () => {
  const topology = sumsAndCounts();
  const law = fc.property(stepsOf(update), (steps) => {
    const driver = new TopologyTestDriver(topology, { commit: 'manual' });
    const { sent, dropped } = play(driver, steps);
    const sum = (values: readonly string[]) =>
      values.reduce((total, value) => total + Number(select(value).value), 0);
    expect(readPlain(driver, 'sums')).toEqual(recomputed(sent, sum));
    expect(readPlain(driver, 'counts')).toEqual(recomputed(sent, (values) => values.length));
    const reasons = sent.flatMap(({ key }, index) =>
      [tableAfter(sent, index).get(key), tableAfter(sent, index + 1).get(key)].flatMap((value) =>
        value === undefined ? [] : (reasonOf(value) ?? []),
      ),
    );
    expect(dropped).toEqual(reasons);
  });
  fc.assert(law, propertyOptions(60));
});
