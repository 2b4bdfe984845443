import { TopologyBuilder, json, string } from '../../src/index.ts';
import { userCount } from '../data/data-set.ts';
import { type User, orders, users } from '../data/data-sets.ts';
import { jsonLoop } from '../measure/bare-loop.ts';
import { type OutputRecord, type Query, parsed } from './query.ts';

/** The parts of an order that the join looks at. */
interface Order {
  readonly order_id: string;
  readonly user_id: string;
  readonly amount: number;
}

/** Orders with the row of their user. */
export const foreignKeyJoin: Query = {
  input: orders,
  table: { dataSet: users, records: userCount },
  topology({ application, input, table, output }) {
    const builder = new TopologyBuilder(application);
    const left = builder.table(input, { name: 'orders', key: string(), value: json<Order>() });
    const right = builder.table(table, { name: 'users', key: string(), value: json<User>() });
    left
      .join(right, enriched, {
        name: 'orders-of-users',
        foreignKey: (order) => order.user_id,
        value: json<Enriched>(),
      })
      .toStream()
      .to(output);
    return builder.build();
  },
  bareLoop() {
    const rows = usersById();
    return jsonLoop<Order>((order) => enriched(order, userOf(rows, order)));
  },
  *expected(records): Iterable<OutputRecord> {
    const rows = usersById();
    for (const order of parsed<Order>(orders, records)) {
      yield [order.order_id, JSON.stringify(enriched(order, userOf(rows, order)))];
    }
  },
  isLastPerKey: true,
};

type Enriched = ReturnType<typeof enriched>;

function enriched({ order_id, user_id, amount }: Order, { name, plan, country }: User) {
  return { order_id, user_id, amount, user_name: name, user_plan: plan, user_country: country };
}

function usersById(): ReadonlyMap<string, User> {
  return new Map([...parsed<User>(users, userCount)].map((user) => [user.user_id, user]));
}

function userOf(rows: ReadonlyMap<string, User>, { user_id }: Order): User {
  const user = rows.get(user_id);
  if (user === undefined) throw new Error(`There is no user ${user_id}.`);
  return user;
}
