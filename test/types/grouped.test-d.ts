import { expectTypeOf } from 'vitest';
import {
  type CogroupedKStream,
  int64,
  json,
  type KGroupedTable,
  type KStream,
  type KTable,
  number,
  onClose,
  type Ranked,
  type RankedRow,
  string,
  TopologyBuilder,
  tumbling,
  type ValueSerdeUnknown,
  type Windowed,
} from '../../src/index.ts';

interface User {
  readonly team: string | null;
  readonly points: number;
}

const builder = new TopologyBuilder('types');
const users = builder.table('users', { name: 'users', key: number(), value: json<User>() });
const serdes = { key: string(), value: number() };

// A row may have no group; a group has a key.
const teams = users.groupBy((user) => ({ key: user.team, value: user.points }), {
  name: 'by-team',
  ...serdes,
});
expectTypeOf(teams).toEqualTypeOf<KGroupedTable<string, number, number>>();
// @ts-expect-error groups are written: both serdes are needed
users.groupBy((user) => ({ key: user.team, value: user.points }), { name: 'x', key: string() });
users.groupBy((user) => ({ key: user.team, value: user.points }), {
  name: 'x',
  key: string(),
  // @ts-expect-error points are numbers
  value: string(),
});
// @ts-expect-error no value
users.groupBy((user) => ({ key: user.team, value: undefined }), { name: 'x', ...serdes });
// @ts-expect-error a pair is due
users.groupBy((user) => user.team, { name: 'x', ...serdes });

expectTypeOf(teams.count({ name: 'c' })).toEqualTypeOf<KTable<string, number>>();
const add = (sum: number, points: number) => sum + points;
expectTypeOf(teams.reduce(add, add, { name: 'r' })).toEqualTypeOf<KTable<string, number>>();
// @ts-expect-error what comes must be able to leave
teams.reduce(add, { name: 'r' });
expectTypeOf(
  teams.aggregate({
    name: 'a',
    initializer: (): readonly number[] => [],
    adder: (all, points, team) => [...all, points + team.length],
    subtractor: (all) => (all.length === 0 ? null : all.slice(1)),
    value: json<readonly number[]>(),
  }),
).toEqualTypeOf<KTable<string, readonly number[]>>();
// @ts-expect-error no subtractor
teams.aggregate({ name: 'a', initializer: () => 0, adder: add, value: int64() });
// @ts-expect-error tables do not close
teams.count({ name: 'c', emit: onClose() });

// Scores are numbers or bigints; a list knows the keys of the table.
expectTypeOf(
  teams.topN(3, {
    name: 'best',
    by: (points, user) => {
      expectTypeOf(user).toEqualTypeOf<number>();
      return points;
    },
  }),
).toEqualTypeOf<KTable<string, readonly RankedRow<number, number, number>[]>>();
// @ts-expect-error text is no score
teams.topN(3, { name: 'best', by: (points) => `${points}` });
// @ts-expect-error nothing to order by
teams.topN(3, { name: 'best' });

const clicks = builder.stream('clicks', { key: string(), value: json<User>() }).groupByKey();
const sales = builder.stream('sales', serdes).groupByKey();
const numbered = builder.stream('numbered', { key: number(), value: number() }).groupByKey();
expectTypeOf(clicks.topN(3, { name: 't', by: (user) => BigInt(user.points) })).toEqualTypeOf<
  KTable<string, readonly Ranked<User, bigint>[]>
>();
const windows = tumbling('1 minute', { grace: 0 });
expectTypeOf(
  sales.windowedBy(windows).topN(3, { name: 't', by: (price) => price, emit: onClose() }),
).toEqualTypeOf<KTable<Windowed<string>, readonly Ranked<number, number>[]>>();

// One aggregate of several streams with equal keys.
const both = clicks
  .cogroup((sum: number, user) => sum + user.points)
  .cogroup(sales, (sum, price, key) => sum + price + key.length);
expectTypeOf(both).toEqualTypeOf<CogroupedKStream<string, User | number, number>>();
const aggregate = { name: 'both', initializer: () => 0, value: number() };
expectTypeOf(both.aggregate(aggregate)).toEqualTypeOf<KTable<string, number>>();
expectTypeOf(
  both.windowedBy(windows).aggregate({
    ...aggregate,
    emit: onClose(),
    late: (late) =>
      expectTypeOf(late).toEqualTypeOf<KStream<string, User | number, ValueSerdeUnknown>>(),
  }),
).toEqualTypeOf<KTable<Windowed<string>, number>>();
// @ts-expect-error the keys are numbers
both.cogroup(numbered, (sum) => sum);
// @ts-expect-error the aggregate is a number
both.cogroup(sales, (sum, price) => `${sum}${price}`);
// @ts-expect-error the serde of the aggregate writes numbers
both.aggregate({ ...aggregate, value: string() });
// @ts-expect-error only windows close
both.aggregate({ ...aggregate, emit: onClose() });
