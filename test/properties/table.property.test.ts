import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type KTable, string, type Topology, TopologyBuilder } from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { propertyOptions } from '../support/property-options.ts';
import { play, readPlain, stepsOf } from '../support/steps.ts';

interface Update {
  readonly key: string | null;
  readonly value: string | null;
  readonly timestamp: number;
}

const update = fc.record({
  key: fc.constantFrom('a', 'b', null),
  value: fc.constantFrom('x', 'yy', 'zzz', null),
  timestamp: fc.nat(20),
});

const isLong = (value: string) => value.length > 1;
const doubled = (value: string) => value + value;

/** What a table's stages make of one value of a row. */
const views = [
  {
    view: 'as it is',
    build: (table: KTable<string, string>) => table,
    of: (value: string) => value,
  },
  {
    view: 'filtered',
    build: (table: KTable<string, string>) => table.filter(isLong),
    of: (value: string) => (isLong(value) ? value : null),
  },
  {
    view: 'filtered by what is left out',
    build: (table: KTable<string, string>) => table.filterNot(isLong),
    of: (value: string) => (isLong(value) ? null : value),
  },
  {
    view: 'mapped',
    build: (table: KTable<string, string>) => table.mapValues(doubled, { value: string() }),
    of: doubled,
  },
  {
    view: 'mapped, then filtered',
    build: (table: KTable<string, string>) =>
      table.mapValues((value) => value.slice(1), { value: string() }).filter(isLong),
    of: (value: string) => (isLong(value.slice(1)) ? value.slice(1) : null),
  },
];

/** Each update against the one before it of its key: nothing to nothing says nothing. */
function changesOf(sent: readonly Update[], of: (value: string) => string | null): Update[] {
  const view = (value: string | null | undefined) => (typeof value === 'string' ? of(value) : null);
  return sent.flatMap(({ key, value, timestamp }, index) => {
    if (key === null) return [];
    const before = sent.slice(0, index).findLast((other) => other.key === key);
    const newValue = view(value);
    return view(before?.value) === null && newValue === null
      ? []
      : [{ key, value: newValue, timestamp }];
  });
}

function tableTopology(build: (table: KTable<string, string>) => KTable<string, string>): Topology {
  const builder = new TopologyBuilder('property');
  const table = builder.table('in', {
    name: 'rows',
    key: string(),
    value: string(),
    maxFuture: 'off',
  });
  build(table).toStream().to('out');
  return builder.build();
}

function toTableTopology(build: (table: KTable<string, string>) => KTable<string, string>) {
  const builder = new TopologyBuilder('property');
  const options = { key: string(), value: string(), tombstones: 'keep', maxFuture: 'off' } as const;
  build(builder.stream('in', options).toTable({ name: 'rows' }))
    .toStream()
    .to('out');
  return builder.build();
}

const origins = [
  { origin: 'a table source', topologyOf: tableTopology },
  { origin: 'toTable', topologyOf: toTableTopology },
];

describe.each(origins)('$origin', ({ topologyOf }) => {
  it.each(views)('$view forwards the changes of its rows', ({ build, of }) => {
    const topology = topologyOf(build);
    const law = fc.property(stepsOf(update), (steps) => {
      const driver = new TopologyTestDriver(topology, { commit: 'manual' });
      const { sent, dropped } = play(driver, steps);
      const out = readPlain(driver, 'out');
      expect(out).toEqual(changesOf(sent, of));
      const nullKeys = sent.filter(({ key }) => key === null).map(() => 'null-key');
      expect(dropped).toEqual(nullKeys);
    });
    fc.assert(law, propertyOptions(150));
  });
});
