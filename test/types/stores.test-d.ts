import { expectTypeOf } from 'vitest';
import {
  type GlobalKTable,
  int64,
  json,
  type KStream,
  type ValueSerdeUnknown,
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

// Global tables are joined under a key of theirs.
const numbers = builder.globalTable('numbers', {
  name: 'numbers',
  key: int64(),
  value: json<{ n: number }>(),
});
expectTypeOf(numbers).toEqualTypeOf<GlobalKTable<number, { n: number }>>();
const found = stream.join(numbers, {
  key: (value) => value.length,
  joiner: (value, row, key) => {
    expectTypeOf(key).toEqualTypeOf<string | null>();
    return value + row.n;
  },
  value: string(),
});
expectTypeOf(found).toEqualTypeOf<KStream<string | null, string>>();
const unknown = stream.leftJoin(numbers, {
  key: (value) => (value === '' ? null : value.length),
  joiner: (value, row) => value.length + (row?.n ?? 0),
});
expectTypeOf(unknown).toEqualTypeOf<KStream<string | null, number, ValueSerdeUnknown>>();
// @ts-expect-error there may be no row
stream.leftJoin(numbers, { key: (value) => value.length, joiner: (_value, row) => row.n });
// @ts-expect-error its keys are numbers
stream.join(numbers, { key: (value) => value, joiner: (value) => value });
// @ts-expect-error a global table has no versions
builder.globalTable('g', { name: 'g', ...serdes, versioned: { history: 1 } });
