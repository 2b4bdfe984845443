import { expectTypeOf } from 'vitest';
import {
  average,
  type Average,
  bigint,
  type Change,
  hopping,
  int64,
  json,
  type KGroupedStream,
  type KStream,
  type KTable,
  type KeySerdeUnknown,
  last,
  max,
  min,
  number,
  onClose,
  onCommit,
  type Processor,
  type ProcessorContext,
  type SerdesKnown,
  type SerdesUnknown,
  session,
  type SessionWindowedKStream,
  sliding,
  string,
  sum,
  type TimeWindowedKStream,
  TopologyBuilder,
  tumbling,
  valueTime,
  type ValueSerdeUnknown,
  type Windowed,
} from '../../src/index.ts';
import { type Quantiles, quantiles } from '../../src/quantiles.ts';

interface Click {
  readonly page: string;
  readonly at: number;
}

const builder = new TopologyBuilder('types');
const clicks = builder.stream('clicks', { key: string(), value: json<Click>() });
const users = builder.table('users', {
  name: 'users',
  key: string(),
  value: json<{ n: number }>(),
});
const byNumber = builder.table('numbers', { name: 'numbers', key: number(), value: string() });

// A source has keys that may be absent; values only where its author says so.
expectTypeOf(clicks).toEqualTypeOf<KStream<string | null, Click>>();
expectTypeOf(
  builder.stream('kept', { key: string(), value: number(), tombstones: 'keep' }),
).toEqualTypeOf<KStream<string | null, number | null>>();
builder.stream('timed', {
  key: string(),
  value: json<Click>(),
  timestamp: valueTime((click: Click) => click.at),
});
builder.stream('timed-wrong', {
  key: string(),
  value: json<Click>(),
  // @ts-expect-error the values are no users
  timestamp: valueTime((user: { n: number }) => user.n),
});

// A mapper without a serde makes it unknown; with one it is known.
const pages = clicks.mapValues((click) => click.page);
expectTypeOf(pages).toEqualTypeOf<KStream<string | null, string, ValueSerdeUnknown>>();
expectTypeOf(clicks.mapValues((click) => click.page, { value: string() })).toEqualTypeOf<
  KStream<string | null, string>
>();
expectTypeOf(clicks.selectKey((click) => click.page)).toEqualTypeOf<
  KStream<string, Click, KeySerdeUnknown>
>();
expectTypeOf(clicks.map((click) => ({ key: click.page, value: click.at }))).toEqualTypeOf<
  KStream<string, number, SerdesUnknown>
>();
expectTypeOf(
  clicks.map((click) => ({ key: click.page, value: click.at }), { key: string(), value: number() }),
).toEqualTypeOf<KStream<string, number, SerdesKnown>>();
expectTypeOf(clicks.flatMapValues((click) => [click.at, click.page])).toEqualTypeOf<
  KStream<string | null, string | number, ValueSerdeUnknown>
>();

// What is not known cannot be written, grouped or kept.
// @ts-expect-error the value serde is not known
pages.to('pages');
pages.to('pages', { value: string() });
// @ts-expect-error numbers cannot be written as text
clicks.mapValues((click) => click.at).to('ats', { value: string() });
// @ts-expect-error the value serde is not known
pages.groupByKey();
pages.groupByKey({ value: string() });
// @ts-expect-error the value serde is not known
pages.toTable({ name: 'pages' });
pages.toTable({ name: 'pages', value: string() });
// @ts-expect-error the value serde is not known
pages.repartition({ name: 'pages-again' });
// @ts-expect-error the value serde is not known
pages.groupBy((page) => page, { name: 'by-page', key: string() });
// @ts-expect-error the key serde has to fit the selected key
clicks.groupBy((click) => click.page, { name: 'by-page', key: number() });
// @ts-expect-error a number is no text
clicks.mapValues((click) => click.at, { value: string() });

// An option that a method does not have does not compile; serdes may be too many.
// @ts-expect-error its errors are decided about by the worker
clicks.mapValues((click) => click.at, { value: number(), onError: 'drop' });
// @ts-expect-error a generated name
clicks.map((click) => ({ key: click.page, value: 1 }), { key: string(), name: 'by-page' });
// @ts-expect-error misspelt
clicks.mapAsync((click) => Promise.resolve(click.at), { retires: 3 });
clicks.mapValues((click) => click.page, { key: string(), value: string() });

// A forgotten return does not compile.
// @ts-expect-error no value
clicks.mapValues((click) => {
  click.page.toUpperCase();
});
// @ts-expect-error no pair
clicks.map(() => ({ key: 'a', value: undefined }));

// Values only: there is no way to return a key.
expectTypeOf(clicks.mapValues((click, key) => ({ key, value: click }))).toEqualTypeOf<
  KStream<string | null, { key: string | null; value: Click }, ValueSerdeUnknown>
>();

// A predicate may narrow.
const isText = (value: string | null): value is string => value !== null;
const texts = builder.stream('texts', { key: string(), value: string(), tombstones: 'keep' });
expectTypeOf(texts.filter(isText)).toEqualTypeOf<KStream<string | null, string>>();

// Streams of one part of the plan.
const parts = clicks.split({ home: (click) => click.page === '/', default: true });
expectTypeOf(parts.home).toEqualTypeOf<KStream<string | null, Click>>();
expectTypeOf(parts.default).toEqualTypeOf<KStream<string | null, Click>>();
// @ts-expect-error there is no such branch
void parts.away;
expectTypeOf(clicks.merge(parts.home)).toEqualTypeOf<KStream<string | null, Click>>();
expectTypeOf(pages.merge(texts)).toEqualTypeOf<
  KStream<string | null, string | null, ValueSerdeUnknown>
>();

// Grouping narrows; windows make the key windowed.
const grouped = clicks.groupByKey();
expectTypeOf(grouped).toEqualTypeOf<KGroupedStream<string, Click>>();
expectTypeOf(grouped.count({ name: 'c' })).toEqualTypeOf<KTable<string, number>>();
const windowed = grouped.windowedBy(tumbling('1 minute', { grace: '10s' }));
const counts = windowed.count({
  name: 'w',
  emit: onClose(),
  late: (late) => expectTypeOf(late).toEqualTypeOf<KStream<string, Click>>(),
});
expectTypeOf(counts).toEqualTypeOf<KTable<Windowed<string>, number>>();
expectTypeOf(counts.toStream()).toEqualTypeOf<KStream<Windowed<string>, number | null>>();
counts.toStream().to('counts');
grouped.count({ name: 'd', emit: onCommit() });
// @ts-expect-error only windows close
grouped.count({ name: 'e', emit: onClose() });
// @ts-expect-error state has a name
grouped.count({});
// @ts-expect-error grace is required
tumbling('1 minute');
const sessions = grouped.windowedBy(session('30 minutes', { grace: 0 }));
expectTypeOf(sessions).toEqualTypeOf<SessionWindowedKStream<string, Click>>();
expectTypeOf(sessions.count({ name: 'visits', emit: onClose() })).toEqualTypeOf<
  KTable<Windowed<string>, number>
>();
const path = {
  name: 'path',
  initializer: (): readonly string[] => [],
  aggregator: (pages: readonly string[], { page }: Click) => [...pages, page],
  value: json<readonly string[]>(),
};
expectTypeOf(sessions.aggregate({ ...path, merger: (a, b) => [...a, ...b] })).toEqualTypeOf<
  KTable<Windowed<string>, readonly string[]>
>();
// @ts-expect-error sessions are merged, so a merger is needed
sessions.aggregate(path);
// @ts-expect-error a session cannot be deleted
sessions.reduce(() => null, { name: 'nothing' });
expectTypeOf(grouped.windowedBy(sliding('10s', { grace: 0 }))).toEqualTypeOf<
  TimeWindowedKStream<string, Click>
>();
// @ts-expect-error the grace has no default
session('30 minutes');
// @ts-expect-error the grace has no default
sliding('10s');
// @ts-expect-error grace is required
hopping('1 minute', { every: '10s' });
// @ts-expect-error no such unit
tumbling('1 month', { grace: 0 });

expectTypeOf(
  grouped.aggregate({
    name: 'pages-of',
    initializer: (): readonly string[] => [],
    aggregator: (list, click, key) => [...list, key + click.page],
    value: json<readonly string[]>(),
  }),
).toEqualTypeOf<KTable<string, readonly string[]>>();
grouped.aggregate({
  name: 'wrong',
  // @ts-expect-error the serde of the aggregate writes text
  initializer: () => 0,
  aggregator: (aggregate) => aggregate,
  value: string(),
});
expectTypeOf(grouped.reduce((a, b) => (a.at > b.at ? a : b), { name: 'last' })).toEqualTypeOf<
  KTable<string, Click>
>();

// Joins: equal keys, nulls where they can be.
const joined = clicks.join(users, (click, user, key) => {
  expectTypeOf(key).toEqualTypeOf<string>();
  return click.at + user.n;
});
expectTypeOf(joined).toEqualTypeOf<KStream<string, number, ValueSerdeUnknown>>();
const left = clicks.leftJoin(
  users,
  (click, user, key) => {
    expectTypeOf(key).toEqualTypeOf<string | null>();
    return click.at + (user?.n ?? 0);
  },
  { name: 'left', value: number() },
);
expectTypeOf(left).toEqualTypeOf<KStream<string | null, number>>();
// @ts-expect-error the stream has text as keys, the table numbers
clicks.join(byNumber, (click: Click) => click.at);
// @ts-expect-error the stream's keys are windowed
counts.toStream().join(users, (count) => count);
// @ts-expect-error there may be no row
clicks.leftJoin(users, (click, user) => user.n);

// Tables.
const adults = users.filter((user) => user.n > 17);
expectTypeOf(adults).toEqualTypeOf<KTable<string, { n: number }>>();
const numbers = users.mapValues((user) => user.n);
expectTypeOf(numbers).toEqualTypeOf<KTable<string, number, ValueSerdeUnknown>>();
// @ts-expect-error the value serde is not known
numbers.toStream().to('numbers');
users
  .mapValues((user) => user.n, { value: int64() })
  .toStream()
  .to((value, key) => `${key}-${value}`);

// A processor of one's own.
const processed = clicks.process(
  {
    name: 'own',
    create: (context: ProcessorContext<number, string>): Processor<string | null, Click> => ({
      process: ({ value, timestamp, headers }) =>
        context.forward({ key: value.at, value: value.page, timestamp, headers }),
    }),
  },
  { key: number(), value: string() },
);
expectTypeOf(processed).toEqualTypeOf<KStream<number, string>>();
expectTypeOf<Change<number>['oldValue']>().toEqualTypeOf<number | null>();

// Ids have a serde of their own, and `by` gives what it takes.
const byUser = clicks.groupByKey();
expectTypeOf(
  byUser.countDistinct((click) => click.page, { name: 'pages', id: string() }),
).toEqualTypeOf<KTable<string, number>>();
expectTypeOf(
  byUser
    .windowedBy(tumbling('1 minute', { grace: 0 }))
    .countDistinct((click) => click.page || null, {
      name: 'per-minute',
      id: string(),
      precision: 12,
    }),
).toEqualTypeOf<KTable<Windowed<string>, number>>();
// @ts-expect-error ids need a serde
byUser.countDistinct((click) => click.page, { name: 'no-serde' });
// @ts-expect-error the ids are numbers, the serde takes text
byUser.countDistinct((click) => click.at, { name: 'wrong-serde', id: string() });
// @ts-expect-error a forgotten id is not a null id
byUser.countDistinct((click): string | undefined => click.page, { name: 'undef', id: string() });

// Ready aggregators know what they are given and what they make.
const byPage = byUser.windowedBy(tumbling('1 minute', { grace: 0 }));
expectTypeOf(byUser.aggregate({ name: 'sum', ...sum((click) => click.at) })).toEqualTypeOf<
  KTable<string, number>
>();
expectTypeOf(
  byUser.aggregate({ name: 'big', ...sum((click) => BigInt(click.at), { value: bigint() }) }),
).toEqualTypeOf<KTable<string, bigint>>();
expectTypeOf(byPage.aggregate({ name: 'mean', ...average((click) => click.at) })).toEqualTypeOf<
  KTable<Windowed<string>, Average>
>();
expectTypeOf(
  byPage.aggregate({ name: 'last', ...last((click) => click.page, { value: string() }) }),
).toEqualTypeOf<KTable<Windowed<string>, string>>();
expectTypeOf(
  byPage.aggregate({ name: 'latencies', ...quantiles((click) => click.at) }),
).toEqualTypeOf<KTable<Windowed<string>, Quantiles>>();
// @ts-expect-error it wants a number of each value
byUser.aggregate({ name: 'no-field', ...max((click) => `${click.at}`) });
// @ts-expect-error bigints need a serde
byUser.aggregate({ name: 'no-serde', ...sum((click) => BigInt(click.at)) });
// @ts-expect-error pages are no numbers
byUser.aggregate({ name: 'no-number', ...min((click) => click.page) });
