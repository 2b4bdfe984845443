import { TopologyBuilder, json, string } from '../../src/index.ts';
import { orders, payments } from '../data/data-sets.ts';
import { jsonLoop } from '../measure/bare-loop.ts';
import { type OutputRecord, type Query, parsed } from './query.ts';

interface Order {
  readonly order_id: string;
  readonly user_id: string;
  readonly amount: number;
  readonly items: number;
}

interface Payment {
  readonly payment_id: string;
  readonly order_id: string;
  readonly amount: number;
  readonly method: string;
}

/** Payments with their order, which came in the quarter of an hour before them. */
export const streamStreamJoin: Query = {
  input: orders,
  table: { dataSet: payments, records: 'as-many' },
  topology({ application, input, table, output }) {
    const builder = new TopologyBuilder(application);
    const paid = builder.stream(table, { key: string(), value: json<Payment>() });
    builder
      .stream(input, { key: string(), value: json<Order>() })
      .join(paid, settled, {
        name: 'settled',
        before: 0,
        after: '15m',
        grace: '10s',
        value: json<Settled>(),
      })
      .to(output);
    return builder.build();
  },
  bareLoop() {
    const known = new Map<string, Order>();
    return jsonLoop<Order | Payment>((value) => {
      if (!('payment_id' in value)) {
        known.set(value.order_id, value);
        return null;
      }
      const order = known.get(value.order_id);
      return order === undefined ? null : settled(order, value);
    });
  },
  *expected(records): Iterable<OutputRecord> {
    const all = [...parsed<Order>(orders, records)];
    for (const payment of parsed<Payment>(payments, records)) {
      const order = all[Number(payment.order_id.slice(1))];
      if (order === undefined) throw new Error(`There is no order ${payment.order_id}.`);
      yield [payment.order_id, JSON.stringify(settled(order, payment))];
    }
  },
  isLastPerKey: false,
};

type Settled = ReturnType<typeof settled>;

function settled(order: Order, payment: Payment) {
  return {
    payment_id: payment.payment_id,
    order_id: order.order_id,
    user_id: order.user_id,
    due: order.amount,
    paid: payment.amount,
    items: order.items,
    method: payment.method,
  };
}
