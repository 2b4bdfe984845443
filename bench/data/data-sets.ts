import { type DataSet, startMs, userCount } from './data-set.ts';
import { events, eventsSlow } from './events.ts';
import { digits, hex, lanes } from './random.ts';
import { countries, paymentMethods, plans } from './vocabulary.ts';

const dayMs = 86_400_000;

/** 100 bytes that nobody parses, under 10,000 integer keys (big-endian). */
export const simple: DataSet = {
  name: 'simple',
  record(index) {
    const key = Buffer.alloc(4);
    key.writeInt32BE(lanes(3).below(index, 0, userCount));
    return { key, value: digits(index, 12).padEnd(100, 'v'), timestamp: startMs + index };
  },
};

/** The value of a user, as its JSON is parsed. */
export interface User {
  readonly user_id: string;
  readonly name: string;
  readonly country: string;
  readonly plan: string;
  readonly score: number;
  readonly signup: number;
}

/** Reference data: one row for each user of the events, an hour before them. */
export const users: DataSet = {
  name: 'users',
  record(index) {
    const { below } = lanes(4);
    const number = digits(index, 5);
    const user: User = {
      user_id: `u${number}`,
      name: `User ${number}`,
      country: countries[below(index, 0, 16)] ?? '',
      plan: plans[below(index, 1, 4)] ?? '',
      score: below(index, 2, 1000),
      signup: startMs - dayMs * (1 + below(index, 3, 1000)),
    };
    const timestamp = startMs - 3_600_000 + index;
    return { key: user.user_id, value: JSON.stringify(user), timestamp };
  },
};

export const orders: DataSet = {
  name: 'orders',
  record(index) {
    const { bits, below } = lanes(5);
    const id = `o${digits(index, 9)}`;
    const value = JSON.stringify({
      order_id: id,
      user_id: `u${digits(below(index, 0, userCount), 5)}`,
      amount: 100 + below(index, 1, 100_000),
      currency: 'EUR',
      items: 1 + below(index, 2, 9),
      note: [10, 11, 12, 13, 14].map((lane) => hex(bits(index, lane))).join(''),
    });
    return { key: id, value, timestamp: startMs + 2 * index };
  },
};

/** Each pays one of the last 450,000 orders. */
export const payments: DataSet = {
  name: 'payments',
  record(index) {
    const { below } = lanes(6);
    const order = `o${digits(index - below(index, 0, Math.min(index + 1, 450_000)), 9)}`;
    const value = JSON.stringify({
      payment_id: `y${digits(index, 9)}`,
      order_id: order,
      amount: 100 + below(index, 1, 100_000),
      method: paymentMethods[below(index, 2, 4)],
    });
    return { key: order, value, timestamp: startMs + 2 * index + 1 };
  },
};

export const dataSets: readonly DataSet[] = [events, eventsSlow, simple, users, orders, payments];
