import { expectTypeOf } from 'vitest';
import {
  int64,
  json,
  type KStream,
  type SerdesKnown,
  string,
  TopologyBuilder,
  type ValueSerdeUnknown,
} from '../../src/index.ts';

interface Order {
  readonly item: string;
}

const builder = new TopologyBuilder('types');
const orders = builder.stream('orders', { key: string(), value: json<Order>() });
const payments = builder.stream('payments', { key: string(), value: int64(), tombstones: 'keep' });
const byNumber = builder.stream('numbers', { key: int64(), value: int64() });
const rows = builder.table('rows', { name: 'rows', key: string(), value: int64() });
const bounds = { name: 'j', before: 0, after: '1h', grace: '5m' } as const;

// An inner join has both sides and a key; a left join may lack the other side; an outer either.
const inner = orders.join(
  payments,
  (order, amount, key) => {
    expectTypeOf(order).toEqualTypeOf<Order>();
    expectTypeOf(amount).toEqualTypeOf<number>();
    expectTypeOf(key).toEqualTypeOf<string>();
    return order.item;
  },
  { ...bounds, value: string() },
);
expectTypeOf(inner).toEqualTypeOf<KStream<string, string, SerdesKnown>>();
const left = orders.leftJoin(
  payments,
  (order, amount, key) => {
    expectTypeOf(order).toEqualTypeOf<Order>();
    expectTypeOf(amount).toEqualTypeOf<number | null>();
    expectTypeOf(key).toEqualTypeOf<string | null>();
    return order.item;
  },
  bounds,
);
expectTypeOf(left).toEqualTypeOf<KStream<string | null, string, ValueSerdeUnknown>>();
const outer = orders.outerJoin(
  payments,
  (order, amount) => {
    expectTypeOf(order).toEqualTypeOf<Order | null>();
    expectTypeOf(amount).toEqualTypeOf<number | null>();
    return order?.item ?? '';
  },
  { ...bounds, value: string() },
);
expectTypeOf(outer).toEqualTypeOf<KStream<string | null, string>>();

// A table is joined by the same name, without bounds.
expectTypeOf(orders.join(rows, (order, n) => order.item + n, { value: string() })).toEqualTypeOf<
  KStream<string, string>
>();

// Bounds and name are required, and keys must be alike.
const text = () => 'x';
// @ts-expect-error no grace
orders.join(payments, text, { name: 'j', before: 0, after: 0 });
// @ts-expect-error no name
orders.join(payments, text, { before: 0, after: 0, grace: 0 });
// @ts-expect-error no options
orders.join(payments, text);
// @ts-expect-error the keys are numbers
orders.join(byNumber, text, bounds);
// @ts-expect-error a forgotten return
orders.outerJoin(payments, () => undefined, bounds);

// What is kept needs a serde.
const items = orders.mapValues((order) => order.item);
// @ts-expect-error the value serde of this stream is not known
items.join(payments, text, bounds);
items.join(payments, text, { ...bounds, thisValue: string() });
// @ts-expect-error the value serde of the other stream is not known
payments.join(items, text, bounds);
payments.join(items, text, { ...bounds, otherValue: string() });

// Late records keep the types of their streams.
orders.join(payments, text, {
  ...bounds,
  late: (own, other) => {
    expectTypeOf(own).toEqualTypeOf<KStream<string | null, Order>>();
    expectTypeOf(other).toEqualTypeOf<KStream<string | null, number | null>>();
  },
});

// Operators that pass records on leave their types alone.
expectTypeOf(
  orders.deduplicate({ name: 'd', within: '1m', by: (order) => order.item }),
).toEqualTypeOf<KStream<string | null, Order>>();
expectTypeOf(orders.delay('1m', { name: 'e' })).toEqualTypeOf<KStream<string | null, Order>>();
expectTypeOf(orders.rateLimit({ name: 'r', limit: 1, per: '1s' })).toEqualTypeOf<
  KStream<string | null, Order>
>();
expectTypeOf(orders.distinctUntilChanged({ name: 'u', by: ({ item }) => item })).toEqualTypeOf<
  KStream<string, Order>
>();
// @ts-expect-error no name
orders.deduplicate({ within: '1m' });
// @ts-expect-error no time
orders.deduplicate({ name: 'd' });
// @ts-expect-error a forgotten return
orders.deduplicate({ name: 'd', within: '1m', by: () => undefined });
// @ts-expect-error no time
orders.rateLimit({ name: 'r', limit: 1 });
// @ts-expect-error what is kept needs a serde
items.delay('1m', { name: 'e' });
items.delay('1m', { name: 'e', value: string() });
// @ts-expect-error no clock is called so
orders.delay('1m', { name: 'e', by: 'clock' });
