import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Change,
  type EmitPolicy,
  every,
  hopping,
  type KGroupedStream,
  type KStream,
  type KTable,
  onClose,
  onCommit,
  onUpdate,
  type Row,
  string,
  TopologyBuilder,
  tumbling,
} from '../../src/index.ts';
import { operatorNode } from '../../src/operators/internal/node.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { propertyOptions } from '../support/property-options.ts';

type Table = KTable<string, string>;
type AnyTable = Pick<Table, 'handle'>;

/** Hangs below a table and holds each change it forwards to the three laws. */
class Probe {
  /** Of all runs. */
  changeCount = 0;
  private readonly last = new Map<string, readonly [key: unknown, newValue: unknown]>();
  private find: (key: unknown) => Row<unknown> | null = () => null;

  constructor({ handle }: AnyTable) {
    const node = operatorNode<unknown, Change<unknown>, unknown, unknown>({
      kind: 'probe',
      name: 'probe',
      parents: [handle.node],
      lookups: [handle.node],
      createProcessor: (context) => {
        this.find = context.lookup(handle.node);
        return { process: ({ key, value }) => this.take(key, value) };
      },
    });
    handle.draft.add(node);
  }

  /** Begins anew, for another run of the topology. */
  forget(): void {
    this.last.clear();
  }

  /** Between records too a look-up gives what was forwarded last. */
  look(): void {
    for (const [key, newValue] of this.last.values()) this.expectFound(key, newValue);
  }

  private take(key: unknown, change: Change<unknown>): void {
    const { oldValue, newValue } = change;
    const identity = JSON.stringify(key);
    const [, before = null] = this.last.get(identity) ?? [];
    expect(oldValue, 'pair law').toEqual(before);
    expect([oldValue, newValue], 'nothing to nothing').not.toEqual([null, null]);
    this.expectFound(key, newValue);
    this.last.set(identity, [key, newValue]);
    this.changeCount += 1;
  }

  private expectFound(key: unknown, newValue: unknown): void {
    expect(this.find(key)?.value ?? null, 'lookup law').toEqual(newValue);
  }
}

const serdes = { key: string(), value: string(), maxFuture: 'off' } as const;
const value = string();
const isLong = (text: string) => text.length > 1;
const shout = (text: string) => `${text}!`;
const both = (one: unknown, other: unknown) => `${String(one)}+${String(other)}`;
const policies = { onUpdate, onCommit, every: () => every(4) };

interface Given {
  readonly left: Table;
  readonly right: Table;
  /** Tombstones stay. */
  readonly updates: KStream<string | null, string | null>;
  readonly grouped: KGroupedStream<string, string>;
}

/** Every table node there is, by what it is called. */
const tables: Record<string, (given: Given) => AnyTable> = {
  table: ({ left }) => left,
  toTable: ({ updates }) => updates.toTable({ name: 'rows' }),
  filter: ({ left }) => left.filter(isLong),
  mapValues: ({ left }) => left.mapValues(shout, { value }),
  'a chain': ({ left }) => left.filter(isLong).mapValues(shout, { value }).filter(isLong),
};

for (const [policy, emit] of Object.entries(policies)) {
  tables[`count, ${policy}`] = ({ grouped }) => grouped.count({ name: 'rows', emit: emit() });
  tables[`reduce, ${policy}`] = ({ grouped }) => counted(grouped, 'rows', emit());
}

for (const [policy, emit] of Object.entries({ ...policies, onClose })) {
  // Kept long enough: a row whose retention is over is looked up no more, and nobody is told.
  const options = { name: 'rows', emit: emit(), retention: 1000 };
  tables[`tumbling count, ${policy}`] = ({ grouped }) =>
    grouped.windowedBy(tumbling(10, { grace: 5 })).count(options);
  tables[`hopping reduce, ${policy}`] = ({ grouped }) =>
    grouped.windowedBy(hopping(10, { every: 4, grace: 5 })).reduce(kept, options);
}

type Sides = (given: Given) => readonly [Table, Table];

/** Sides of joins: apart, and made of one table. */
const sides: Record<string, Sides> = {
  'two tables': ({ left, right }) => [left, right],
  'two derived tables': ({ left, right }) => [
    left.filter(isLong),
    right.mapValues(shout, { value }),
  ],
  'a table and what it is mapped to': ({ left }) => [left, left.mapValues(shout, { value })],
  'what a table is mapped to and itself': ({ left }) => [left.mapValues(shout, { value }), left],
  'a table and what is counted of it': ({ left }) => [left, ofItsChanges(left)],
  'what is counted of a table and itself': ({ left }) => [ofItsChanges(left), left],
  'a join and one of its sides': ({ left, right }) => [
    left.leftJoin(right, both, { value }),
    right.filter(isLong),
  ],
};

for (const [label, sidesOf] of Object.entries(sides)) {
  const options = { name: 'joined', value };
  tables[`join of ${label}`] = (given) => {
    const [one, other] = sidesOf(given);
    return one.join(other, both, options);
  };
  tables[`leftJoin of ${label}`] = (given) => {
    const [one, other] = sidesOf(given);
    return one.leftJoin(other, both, options);
  };
  tables[`outerJoin of ${label}`] = (given) => {
    const [one, other] = sidesOf(given);
    return one.outerJoin(other, both, options);
  };
  tables[`join by foreign key of ${label}`] = (given) => {
    const [one, other] = sidesOf(given);
    const foreignKey = (text: string) => (text.includes('y') ? null : text.slice(0, 1));
    return one
      .mapValues((text) => text, { value })
      .leftJoin(other, both, { ...options, foreignKey });
  };
}

for (const [policy, emit] of Object.entries(policies)) {
  for (const [other, emitOther] of Object.entries(policies)) {
    tables[`outerJoin of reduce, ${policy}, and reduce, ${other}`] = ({ grouped }) =>
      counted(grouped, 'one', emit()).outerJoin(counted(grouped, 'other', emitOther()), both);
  }
}

function counted(grouped: KGroupedStream<string, string>, name: string, emit: EmitPolicy): Table {
  return grouped.reduce(kept, { name, emit });
}

/** Grows, and is deleted now and then. */
function kept(before: string, after: string): string | null {
  return before.length > 4 ? null : before + after;
}

function ofItsChanges(table: Table): Table {
  const changes = table.toStream().mapValues((text) => text ?? 'gone', { value });
  return counted(changes.groupByKey(), 'changes', onUpdate());
}

const topics = ['left', 'right', 'updates', 'events'] as const;

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      topic: fc.constantFrom(...topics),
      key: fc.constantFrom('x', 'y'),
      value: fc.constantFrom('x', 'xx', 'y', 'yx', null),
      timestamp: fc.nat(40),
    }),
  },
  { weight: 2, arbitrary: fc.constant('commit' as const) },
);

function play(driver: TopologyTestDriver, steps: readonly StepOf[], probe: Probe): void {
  for (const own of [...steps, 'commit' as const]) {
    if (own !== 'commit') driver.send(own.topic, own);
    // One commit makes the next internal topic readable.
    else for (let passed = 0; passed < 4; passed++) driver.commit();
    probe.look();
  }
}

type StepOf = typeof step extends fc.Arbitrary<infer Step> ? Step : never;

describe.each(Object.entries(tables))('%s', (_label, tableOf) => {
  it('holds pair law, nothing to nothing and lookup law', () => {
    const builder = new TopologyBuilder('laws');
    const left = builder.table('left', { name: 'left', ...serdes });
    const right = builder.table('right', { name: 'right', ...serdes });
    const updates = builder.stream('updates', { ...serdes, tombstones: 'keep' });
    const grouped = builder.stream('events', serdes).groupByKey();
    const probe = new Probe(tableOf({ left, right, updates, grouped }));
    const topology = builder.build();
    const law = fc.property(fc.array(step, { minLength: 8, maxLength: 24 }), (steps) => {
      probe.forget();
      play(new TopologyTestDriver(topology, { commit: 'manual' }), steps, probe);
    });
    fc.assert(law, propertyOptions(40));
    expect(probe.changeCount).toBeGreaterThan(0);
  });
});

const derivations: Readonly<Record<string, (table: Table) => Table>> = {
  filter: (table) => table.filter((value) => value !== 'b'),
  mapValues: (table) => table.mapValues((value) => `${value}!`, { value: string() }),
  'mapValues of a filter': (table) =>
    table.filter((value) => value !== 'b').mapValues((value) => `${value}!`, { value: string() }),
  suppress: (table) => table.suppress({ for: 10, name: 'waiting' }),
};

describe('a change that has not yet come to a table is not found there:', () => {
  const found: Readonly<Record<string, readonly (string | null)[]>> = {
    filter: [null, 'a', null, 'c'],
    mapValues: [null, 'a!', 'b!', 'c!'],
    'mapValues of a filter': [null, 'a!', null, 'c!'],
    suppress: [null, null, 'b', 'c'],
  };

  it.each(Object.entries(derivations))('%s', (label, derive) => {
    const builder = new TopologyBuilder('laws');
    const table = builder.table('in', { name: 'table', ...serdes });
    const stream = table.toStream();
    const derived = derive(table);
    stream.leftJoin(derived, (_value, row) => row ?? 'none', { value: string() }).to('out');
    const driver = new TopologyTestDriver(builder.build());
    const values = ['a', 'b', 'c', 'd'];
    const times = [1, 2, 30, 41];
    for (const [index, value] of values.entries()) {
      driver.send('in', { key: 'k', value, timestamp: times[index] ?? 0 });
    }
    const rows = driver.read('out').map(({ value }) => (value === 'none' ? null : value));
    expect(rows).toEqual(found[label]);
  });

  it('of a versioned table, as of its time', () => {
    const builder = new TopologyBuilder('laws');
    const table = builder.table('in', { name: 'table', ...serdes, versioned: { history: 100 } });
    const stream = table.toStream();
    const derived = table.mapValues((value) => `${value}!`, { value: string() });
    stream.leftJoin(derived, (_value, row) => row ?? 'none', { value: string() }).to('out');
    const driver = new TopologyTestDriver(builder.build());
    for (const timestamp of [1, 2, 2]) {
      driver.send('in', { key: 'k', value: `at ${timestamp}`, timestamp });
    }
    expect(driver.read('out').map(({ value }) => value)).toEqual(['none', 'at 1!', 'at 2!']);
  });
});
