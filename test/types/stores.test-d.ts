import { expectTypeOf } from 'vitest';
import { type KTable, type SerdesKnown, string, TopologyBuilder } from '../../src/index.ts';

const builder = new TopologyBuilder('types');
const serdes = { key: string(), value: string() };
const plain = builder.table('plain', { name: 'plain', ...serdes });
const versioned = builder.table('rows', { name: 'rows', ...serdes, versioned: { history: '1h' } });
expectTypeOf(plain).toEqualTypeOf<KTable<string, string>>();
expectTypeOf(versioned).toEqualTypeOf<KTable<string, string, SerdesKnown, true>>();
expectTypeOf(versioned.filter((value) => value !== '').isVersioned).toEqualTypeOf<true>();
const stream = builder.stream('events', serdes);
const joiner = (value: string, row: string | null) => value + String(row);

// Grace goes with a versioned table and a name.
stream.join(versioned, joiner);
stream.join(versioned, joiner, { name: 'a', grace: '1s', value: string() });
stream.leftJoin(
  versioned.mapValues((value) => value),
  joiner,
  { name: 'b', grace: 5 },
);
stream.join(stream.toTable({ name: 'c', versioned: { history: 5 } }), joiner, {
  name: 'd',
  grace: 5,
});
// @ts-expect-error the table is not versioned
stream.join(plain, joiner, { name: 'e', grace: 5 });
// @ts-expect-error what waits lies in a store, which has a name
stream.leftJoin(versioned, joiner, { grace: 5 });
// @ts-expect-error the table is not versioned
stream.leftJoin(stream.toTable({ name: 'f' }), joiner, { name: 'g', grace: 5 });
