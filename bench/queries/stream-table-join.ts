import { TopologyBuilder, json, string } from '../../src/index.ts';
import { userCount } from '../data/data-set.ts';
import { type User, users } from '../data/data-sets.ts';
import { type Event, events } from '../data/events.ts';
import { jsonLoop } from '../measure/bare-loop.ts';
import { type OutputRecord, type Query, parsed } from './query.ts';

/** Events with the row of their user. */
export const streamTableJoin: Query = {
  input: events,
  table: { dataSet: users, records: userCount },
  topology({ application, input, table, output }) {
    const builder = new TopologyBuilder(application);
    const rows = builder.table(table, { name: 'users', key: string(), value: json<User>() });
    builder
      .stream(input, { key: string(), value: json<Event>() })
      .join(rows, enriched, { value: json<Enriched>() })
      .to(output);
    return builder.build();
  },
  bareLoop() {
    const rows = usersById();
    return jsonLoop<Event>((event) => enriched(event, userOf(rows, event)));
  },
  *expected(records): Iterable<OutputRecord> {
    const rows = usersById();
    for (const event of parsed<Event>(events, records)) {
      yield [event.user_id, JSON.stringify(enriched(event, userOf(rows, event)))];
    }
  },
  isLastPerKey: false,
};

type Enriched = ReturnType<typeof enriched>;

function enriched(event: Event, user: User) {
  return {
    event_id: event.event_id,
    event_name: event.event_name,
    user_id: event.user_id,
    post_id: event.post_id,
    ts: event.ts,
    country: event.country,
    user_name: user.name,
    user_plan: user.plan,
    user_country: user.country,
    user_score: user.score,
  };
}

function usersById(): ReadonlyMap<string, User> {
  return new Map([...parsed<User>(users, userCount)].map((user) => [user.user_id, user]));
}

function userOf(rows: ReadonlyMap<string, User>, { user_id }: Event): User {
  const user = rows.get(user_id);
  if (user === undefined) throw new Error(`There is no user ${user_id}.`);
  return user;
}
