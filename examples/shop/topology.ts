import { json, onClose, session, string, type Topology, TopologyBuilder } from '../../src/index.ts';

export interface Click {
  readonly page: string;
}
export interface Order {
  readonly product: string;
  readonly amount: number;
}
export interface Payment {
  readonly method: string;
}
export interface Product {
  readonly name: string;
  readonly category: string;
}
export interface Sale extends Order, Product {
  readonly method: string;
}
interface Checkout extends Order {
  /** Null: none came within the hour. */
  readonly method: string | null;
}

export const key = string();
export const clicks = json<Click>();
export const orders = json<Order>();
export const payments = json<Payment>();
export const products = json<Product>();
export const sales = json<readonly Sale[]>();

/**
 * A shop's visits, unpaid orders and best sales. Clicks are keyed by customer, orders and payments
 * by order, products by product.
 */
export function shop(): Topology {
  const builder = new TopologyBuilder('shop');

  // A visit is a session: it ends with half an hour without a click.
  builder
    .stream('clicks', { key, value: clicks })
    .groupByKey()
    .windowedBy(session('30 minutes', { grace: '1 minute' }))
    .count({ name: 'visits', emit: onClose() })
    .toStream()
    .to('visits');

  // An order and a payment within the hour make a pair; without one the order leaves alone.
  const checkouts = builder
    .stream('orders', { key, value: orders })
    .leftJoin(
      builder.stream('payments', { key, value: payments }),
      (order, payment): Checkout => ({ ...order, method: payment?.method ?? null }),
      {
        name: 'checkouts',
        before: 0,
        after: '1 hour',
        grace: '5 minutes',
        value: json<Checkout>(),
      },
    );
  const { paid, unpaid } = checkouts.split({
    paid: ({ method }) => method !== null,
    unpaid: ({ method }) => method === null,
  });
  unpaid.to('unpaid-orders');

  // The product of a paid order is found by foreign key; a renamed one is renamed in its sales.
  paid
    .toTable({ name: 'paid-orders' })
    .join(
      builder.table('products', { name: 'products', key, value: products }),
      (order, product): Sale => ({ ...order, ...product, method: order.method ?? '' }),
      { name: 'sales', foreignKey: (order) => order.product, value: json<Sale>() },
    )
    .groupBy((sale) => ({ key: sale.category, value: sale }), {
      name: 'by-category',
      key,
      value: json<Sale>(),
    })
    .topN(2, { name: 'best-sales', by: (sale) => sale.amount })
    .mapValues((rows): readonly Sale[] => rows.map(({ value }) => value), { value: sales })
    .toStream()
    .to('best-sales');

  return builder.build();
}
