import { expectTypeOf } from 'vitest';
import {
  keyValueStore,
  type KTable,
  type SerdesKnown,
  string,
  TopologyBuilder,
  tumbling,
} from '../../src/index.ts';

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

// Windows have a retention.
const grouped = stream.groupByKey();
grouped.count({ name: 'h', timeToLive: '1 day' });
// @ts-expect-error no time to live for windows
grouped.windowedBy(tumbling('1h', { grace: 0 })).count({ name: 'i', timeToLive: '1 day' });
// @ts-expect-error aggregations are not versioned
grouped.count({ name: 'j', versioned: { history: '1 day' } });
keyValueStore({ name: 'k', ...serdes, timeToLive: '1 day' });
