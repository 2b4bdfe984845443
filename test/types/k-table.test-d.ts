import { expectTypeOf } from 'vitest';
import {
  json,
  type KTable,
  number,
  string,
  TopologyBuilder,
  type ValueSerdeUnknown,
} from '../../src/index.ts';

interface Order {
  readonly user: number | null;
}

const builder = new TopologyBuilder('types');
const orders = builder.table('orders', { name: 'orders', key: string(), value: json<Order>() });
const notes = builder.table('notes', { name: 'notes', key: string(), value: string() });
const users = builder.table('users', { name: 'users', key: number(), value: string() });

// A joiner sees null only where its kind of join has it.
orders.join(notes, (order, note, key) => {
  expectTypeOf(order).toEqualTypeOf<Order>();
  expectTypeOf(note).toEqualTypeOf<string>();
  expectTypeOf(key).toEqualTypeOf<string>();
  return note;
});
orders.leftJoin(notes, (order, note) => {
  expectTypeOf(order).toEqualTypeOf<Order>();
  expectTypeOf(note).toEqualTypeOf<string | null>();
  return note;
});
orders.outerJoin(notes, (order, note) => {
  expectTypeOf(order).toEqualTypeOf<Order | null>();
  expectTypeOf(note).toEqualTypeOf<string | null>();
  return note;
});

// Without a serde it is unknown; null stands for no row.
expectTypeOf(orders.leftJoin(notes, (_order, note) => note)).toEqualTypeOf<
  KTable<string, string, ValueSerdeUnknown>
>();
const joined = orders.outerJoin(notes, (_order, note) => note, { name: 'joined', value: string() });
expectTypeOf(joined).toEqualTypeOf<KTable<string, string>>();

// @ts-expect-error a named table keeps its rows: their serde is needed
orders.join(notes, (_order, note) => note, { name: 'joined' });
// @ts-expect-error misspelt
orders.join(notes, (_order, note) => note, { nmae: 'joined', value: string() });
// @ts-expect-error a number is no text
orders.join(notes, () => 1, { value: string() });
// @ts-expect-error a forgotten return
orders.join(notes, () => {
  notes.toStream();
});
// @ts-expect-error the keys are of two types, and no foreign key is given
orders.join(users, (_order, user) => user);
// @ts-expect-error only joins by key have an outer form
orders.outerJoin(users, (_order, user) => user, { foreignKey: (order: Order) => order.user });

// With a foreign key the other table has keys of its own.
const options = { name: 'of-users', value: string() };
const ofUsers = orders.join(
  users,
  (order, user, key) => {
    expectTypeOf(order).toEqualTypeOf<Order>();
    expectTypeOf(user).toEqualTypeOf<string>();
    expectTypeOf(key).toEqualTypeOf<string>();
    return user;
  },
  { ...options, foreignKey: (order) => order.user },
);
expectTypeOf(ofUsers).toEqualTypeOf<KTable<string, string>>();
orders.leftJoin(
  users,
  (_order, user) => {
    expectTypeOf(user).toEqualTypeOf<string | null>();
    return user;
  },
  { ...options, foreignKey: (order, key) => (key === '' ? undefined : order.user) },
);
// @ts-expect-error users have numbers as keys
orders.join(users, (_order, user) => user, { ...options, foreignKey: (_order, key) => key });
// @ts-expect-error it keeps rows: a name is needed
orders.join(users, (_order, user) => user, { value: string(), foreignKey: (order) => order.user });
// @ts-expect-error it keeps rows: their serde is needed
orders.join(users, (_order, user) => user, { name: 'of-users', foreignKey: () => 1 });
const unknown = orders.mapValues((order) => order.user);
// @ts-expect-error the serde of the rows is not known
unknown.join(users, (_id, user) => user, { ...options, foreignKey: () => 1 });

// A topic alone tells neither versions nor which rows have expired.
const source = { name: 'users', key: number(), value: string(), changelog: 'source' } as const;
expectTypeOf(builder.table('users', source)).toEqualTypeOf<KTable<number, string>>();
// @ts-expect-error no versions
builder.table('users', { ...source, versioned: { history: '1h' } });
// @ts-expect-error no time to live
builder.table('users', { ...source, timeToLive: '1h' });
// @ts-expect-error there is no other changelog to choose
builder.table('users', { ...source, changelog: 'own' });
