import { type EmbeddedLog, produce, type TopicSerdes } from '../../src/index.ts';
import { clicks, key, orders, payments, products } from './topology.ts';

const minute = 60_000;
const record = <V>(name: string, minutes: number, value: V) => {
  return { key: name, value, timestamp: minutes * minute };
};

/** A morning at the shop. Its last records, late in the day, close what came before. */
export async function produceSample(log: EmbeddedLog): Promise<void> {
  const send = <V>(topic: string, value: TopicSerdes<string, V>['value'], records: Sent<V>) =>
    produce(log, topic, { key, value }, records);
  await send('products', products, [
    record('p1', 0, { name: 'kettle', category: 'kitchen' }),
    record('p2', 0, { name: 'knife', category: 'kitchen' }),
    record('p3', 0, { name: 'spoon', category: 'kitchen' }),
    record('p4', 0, { name: 'lamp', category: 'light' }),
  ]);
  await send('clicks', clicks, [
    record('ann', 1, { page: '/' }),
    record('ann', 20, { page: '/kettle' }),
    record('bob', 25, { page: '/' }),
    record('ann', 90, { page: '/' }),
    record('bob', 600, { page: '/' }),
  ]);
  await send('orders', orders, [
    record('o1', 10, { product: 'p1', amount: 40 }),
    record('o2', 11, { product: 'p2', amount: 25 }),
    record('o3', 12, { product: 'p3', amount: 5 }),
    record('o4', 13, { product: 'p4', amount: 30 }),
    record('o5', 14, { product: 'p1', amount: 80 }),
    record('o6', 600, { product: 'p4', amount: 10 }),
  ]);
  await send(
    'payments',
    payments,
    ['o1', 'o2', 'o3', 'o4'].map((order, index) => record(order, 20 + index, { method: 'card' })),
  );
}

type Sent<V> = readonly { readonly key: string; readonly value: V; readonly timestamp: number }[];
