import type { Duration } from '../core/model/duration.ts';
import type { Sink } from '../core/sink/sink.ts';
import { deduplicate, type DeduplicateOptions } from './deduplicate.ts';
import { delay, type DelayOptions } from './delay.ts';
import {
  distinctUntilChanged,
  type DistinctUntilChangedOptions,
} from './distinct-until-changed.ts';
import { filterNot } from './filter-not.ts';
import { filter } from './filter.ts';
import { flatMapValues } from './flat-map-values.ts';
import { flatMap } from './flat-map.ts';
import { forEach } from './for-each.ts';
import type { GlobalKTable } from './global-k-table.ts';
import { globalTableJoin, type GlobalTableJoinOptions } from './global-table-join.ts';
import { groupByKey, type GroupByKeyOptions } from './group-by-key.ts';
import { groupBy, type GroupByOptions } from './group-by.ts';
import type { Joiner, KeyValue, Mapper, Predicate, RecordContext } from './internal/callbacks.ts';
import type { GlobalHandle, Handle } from './internal/handle.ts';
import type {
  Defined,
  KnownByBoth,
  KnownFrom,
  KnownKeyFrom,
  KnownSerdes,
  KnownValueAndKeyFrom,
  KnownValueFrom,
  KeySerdeOption,
  KeySerdeRequired,
  Needing,
  Only,
  OptionsArgument,
  SerdeOptions,
  SerdesKnown,
  ValueSerdeOption,
  ValueSerdeRequired,
} from './internal/serdes.ts';
import { KGroupedStream } from './k-grouped-stream.ts';
import type { KTable } from './k-table.ts';
import { mapValues } from './map-values.ts';
import { type AsyncMapper, mapAsync, type MapAsyncOptions } from './map-async.ts';
import { type HeadersMapper, mapHeaders } from './map-headers.ts';
import { map } from './map.ts';
import { merge } from './merge.ts';
import { pattern, type PatternMatch, type PatternOptions, type PatternStep } from './pattern.ts';
import { peek } from './peek.ts';
import { processValues, type ProcessValuesDefinition } from './process-values.ts';
import { process, type ProcessDefinition } from './process.ts';
import { rateLimit, type RateLimitOptions } from './rate-limit.ts';
import { repartition, type RepartitionOptions } from './repartition.ts';
import { selectKey } from './select-key.ts';
import { type Branches, split } from './split.ts';
import {
  type StreamJoinOptions,
  type StreamJoinSerdesFor,
  streamStreamJoin,
} from './stream-stream-join.ts';
import {
  type GraceRules,
  streamTableJoin,
  type StreamTableJoinOptions,
} from './stream-table-join.ts';
import { toSink, type ToSinkOptions } from './to-sink.ts';
import { toTable, type ToTableOptions, type ToVersionedTableOptions } from './to-table.ts';
import { to, type ToOptions, type TopicSelector } from './to.ts';

/** What a stream can be joined with. */
interface Joinable {
  readonly handle: Handle | GlobalHandle;
}

type AnyJoiner = Joiner<never, never, never, unknown>;
type AnyGlobalJoin = GlobalTableJoinOptions<never, never, unknown, never, unknown>;
type AnyStreamJoinOptions = StreamTableJoinOptions | StreamJoinOptions<never, never, never>;

interface AnyJoin {
  readonly other: Joinable;
  readonly how: AnyJoiner | AnyGlobalJoin;
  readonly options: AnyStreamJoinOptions | undefined;
}

/** A join with a stream, a table or a global table, as what is joined tells. */
function anyJoin(stream: Handle, kind: 'join' | 'left-join', { other, how, options }: AnyJoin) {
  if (typeof how !== 'function') {
    const table = other.handle as GlobalHandle; // what options without a joiner go with
    return globalTableJoin(stream, { kind: `global-${kind}`, table }, how);
  }
  const handle = other.handle as Handle; // what a joiner goes with
  if (!(other instanceof KStream)) {
    return streamTableJoin(stream, { kind, table: handle, joiner: how }, options);
  }
  const bounds = options as StreamJoinOptions<never, never, never>; // required with a stream
  return streamStreamJoin(stream, { kind, other: handle, joiner: how }, bounds);
}

/** A stream of records. `Of` tells which serdes are known of it. */
export class KStream<K, V, Of extends KnownSerdes = SerdesKnown> {
  /** @internal */
  constructor(
    /** @internal */
    readonly handle: Handle,
  ) {}

  /**
   * Keeps the records for which the predicate holds. A type guard narrows the value.
   *
   * Time: a record left out here has advanced stream time all the same.
   * Drops: none; what a predicate leaves out is filtered, not dropped, and is not counted.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const times = builder.stream('times', { key: string(), value: number() });
   * times.filter((ms) => ms >= 100).to('slow');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('times', [{ key: 'a', value: 99 }, { key: 'b', value: 100 }]);
   * driver.read('slow').map(({ key }) => key); // => ['b']
   * ```
   */
  filter<VOut extends V>(
    predicate: (value: V, key: K, context: RecordContext) => value is VOut,
  ): KStream<K, VOut, Of>;
  filter(predicate: Predicate<K, V>): KStream<K, V, Of>;
  filter(predicate: Predicate<K, V>): KStream<K, V, Of> {
    return new KStream(filter(this.handle, predicate));
  }

  /**
   * Keeps the records for which the predicate does not hold.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const times = builder.stream('times', { key: string(), value: number() });
   * times.filterNot((ms) => ms >= 100).to('fast');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('times', [{ key: 'a', value: 99 }, { key: 'b', value: 100 }]);
   * driver.read('fast').map(({ key }) => key); // => ['a']
   * ```
   */
  filterNot(predicate: Predicate<K, V>): KStream<K, V, Of> {
    return new KStream(filterNot(this.handle, predicate));
  }

  /**
   * Turns each record into another key and value; timestamp and headers stay.
   *
   * The key may be another one, so grouping, joins and `toTable` behind it repartition by
   * themselves: use `mapValues` where the key stays. Without serdes what comes out cannot be
   * written or grouped.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * builder
   *   .stream('names', { key: string(), value: string() })
   *   .map((name, id) => ({ key: name, value: id ?? '' }), { key: string(), value: string() })
   *   .to('ids');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('names', { key: '7', value: 'ann' });
   * driver.read('ids').map(({ key, value }) => [key, value]); // => [['ann', '7']]
   * ```
   * @throws {ProcessingError} while it runs: `UNDEFINED_VALUE` for an undefined key or value.
   */
  map<
    KOut extends Defined,
    VOut extends Defined,
    Options extends Only<SerdeOptions<KOut, VOut>, Options> = object,
  >(
    mapper: Mapper<K, V, KeyValue<KOut, VOut>>,
    options?: Options,
  ): KStream<KOut, VOut, KnownFrom<Options>> {
    return new KStream(map(this.handle, mapper, options));
  }

  /**
   * Turns each value into another; key, timestamp and headers stay.
   *
   * Without `{ value }` the new values cannot be written, grouped or kept.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const words = builder.stream('words', { key: string(), value: string() });
   * words.mapValues((word) => word.length, { value: int64() }).to('lengths');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('words', { key: 'a', value: 'hello' });
   * driver.read('lengths').map(({ key, value }) => [key, value]); // => [['a', 5]]
   * ```
   * @throws {ProcessingError} while it runs: `UNDEFINED_VALUE`, a forgotten `return`.
   */
  mapValues<VOut extends Defined, Options extends Only<ValueSerdeOption<VOut>, Options> = object>(
    mapper: Mapper<K, V, VOut>,
    options?: Options,
  ): KStream<K, VOut, KnownValueFrom<Of, Options>> {
    return new KStream(mapValues(this.handle, mapper, options));
  }

  /**
   * Turns each value into what the mapper promises; key, timestamp and headers stay.
   *
   * So many calls are made at a time; while they are, no further record is taken that needs one.
   * An attempt fails if its promise is rejected, or is not kept within `timeout`: then `signal` is
   * aborted and what comes later is ignored. A record whose last attempt has failed goes the way of
   * `onError`, and what happens behind this operator is undone for itself alone.
   * Emits: each result as it comes, in the order that `order` asks for. `'key'`, the default, needs
   * a key serde.
   * Time: behind it, stream time is that of the last record such that it and all taken before it
   * are done. Whether a record is late is decided by the time it was taken at, so a slow call makes
   * nothing late.
   * Restart: a commit waits for the calls in flight and takes no new records meanwhile. Records
   * since the last commit are taken again, so the mapper may run again for them.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const cities = builder.stream('cities', { key: string(), value: string() });
   * const populationOf = (city: string) => Promise.resolve(city === 'Oslo' ? 720_000 : null);
   * cities.mapAsync(populationOf, { timeout: '5s', retries: 2, value: int64() }).to('sizes');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('cities', { key: 'no', value: 'Oslo' });
   * await driver.settled();
   * driver.read('sizes').map(({ key, value }) => [key, value]); // => [['no', 720_000]]
   * ```
   * @throws {TopologyError} from `build()`: `BAD_OPTION`, `SERDE_MISSING`.
   * @throws {ProcessingError} while it runs: `CALL_TIMED_OUT`, `UNDEFINED_VALUE`, and what the
   * mapper is rejected with.
   */
  mapAsync<
    VOut extends Defined,
    Options extends Only<MapAsyncOptions & KeySerdeOption<K> & ValueSerdeOption<VOut>, Options> =
      object,
  >(
    mapper: AsyncMapper<K, V, VOut>,
    ...[options]: Of['key'] extends true
      ? [options?: Options]
      : [options: Options & (KeySerdeRequired<K> | { readonly order: 'partition' | 'none' })]
  ): KStream<K, VOut, KnownValueAndKeyFrom<Of, Options>> {
    return new KStream(mapAsync(this.handle, mapper, options));
  }

  /**
   * Gives each record other headers; what it carried is handed in.
   *
   * Names that begin with `millrace.` are the library's. Headers pass all stateless operators as
   * they are, and every callback can read them; results of aggregations and tables have none.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const words = builder.stream('words', { key: string(), value: string() });
   * words.mapHeaders((headers, word) => headers.with('length', String(word.length))).to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('words', { key: 'a', value: 'hello' });
   * driver.read('out').map(({ headers }) => String.fromCharCode(...(headers.get('length') ?? [])));
   * // => ['5']
   * ```
   * @throws {ProcessingError} while it runs: `UNDEFINED_VALUE`, a forgotten `return`.
   */
  mapHeaders(mapper: HeadersMapper<K, V>): KStream<K, V, Of> {
    return new KStream(mapHeaders(this.handle, mapper));
  }

  /**
   * Turns each record into any number of records, forwarded in the order returned.
   *
   * As behind `map`, the key counts as changed.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * builder
   *   .stream('lines', { key: string(), value: string() })
   *   .flatMap((line) => line.split(' ').map((word) => ({ key: word, value: 1 })), {
   *     key: string(),
   *     value: int64(),
   *   })
   *   .to('words');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('lines', { key: null, value: 'to be' });
   * driver.read('words').map(({ key, value }) => [key, value]); // => [['to', 1], ['be', 1]]
   * ```
   * @throws {ProcessingError} while it runs: `UNDEFINED_VALUE` for an undefined key or value.
   */
  flatMap<
    KOut extends Defined,
    VOut extends Defined,
    Options extends Only<SerdeOptions<KOut, VOut>, Options> = object,
  >(
    mapper: Mapper<K, V, Iterable<KeyValue<KOut, VOut>>>,
    options?: Options,
  ): KStream<KOut, VOut, KnownFrom<Options>> {
    return new KStream(flatMap(this.handle, mapper, options));
  }

  /**
   * Turns each record into one for each value returned, in that order; the key stays.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const lines = builder.stream('lines', { key: string(), value: string() });
   * lines.flatMapValues((line) => line.split(' '), { value: string() }).to('words');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('lines', { key: 'a', value: 'to be' });
   * driver.read('words').map(({ value }) => value); // => ['to', 'be']
   * ```
   * @throws {ProcessingError} while it runs: `UNDEFINED_VALUE`.
   */
  flatMapValues<
    VOut extends Defined,
    Options extends Only<ValueSerdeOption<VOut>, Options> = object,
  >(
    mapper: Mapper<K, V, Iterable<VOut>>,
    options?: Options,
  ): KStream<K, VOut, KnownValueFrom<Of, Options>> {
    return new KStream(flatMapValues(this.handle, mapper, options));
  }

  /**
   * Gives each record another key; `null` is allowed. The records do not move before they must.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const users = builder.stream('users', { key: string(), value: json<{ team: string }>() });
   * users.selectKey((user) => user.team, { key: string() }).to('by-team');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('users', { key: 'ann', value: { team: 'red' } });
   * driver.read('by-team').map(({ key }) => key); // => ['red']
   * ```
   * @throws {ProcessingError} while it runs: `UNDEFINED_VALUE`.
   */
  selectKey<KOut extends Defined, Options extends Only<KeySerdeOption<KOut>, Options> = object>(
    keySelector: Mapper<K, V, KOut>,
    options?: Options,
  ): KStream<KOut, V, KnownKeyFrom<Of, Options>> {
    return new KStream(selectKey(this.handle, keySelector, options));
  }

  /**
   * Calls the action for each record, in its turn, and passes the record on.
   *
   * Restart: records since the last commit are taken again, so the action may run again.
   *
   * @example
   * ```ts
   * const seen: string[] = [];
   * const builder = new TopologyBuilder('docs');
   * const words = builder.stream('words', { key: string(), value: string() });
   * words.peek((word) => void seen.push(word)).to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('words', { key: 'a', value: 'hello' });
   * seen; // => ['hello']
   * ```
   */
  peek(action: Mapper<K, V, void>): KStream<K, V, Of> {
    return new KStream(peek(this.handle, action));
  }

  /**
   * Calls the action for each record, in its turn, and passes nothing on.
   *
   * Restart: records since the last commit are taken again, so the action may run again.
   *
   * @example
   * ```ts
   * const seen: string[] = [];
   * const builder = new TopologyBuilder('docs');
   * const words = builder.stream('words', { key: string(), value: string() });
   * words.forEach((word) => void seen.push(word));
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('words', { key: 'a', value: 'hello' });
   * seen; // => ['hello']
   * ```
   */
  forEach(action: Mapper<K, V, void>): void {
    forEach(this.handle, action);
  }

  /**
   * The records of both streams, as the task takes them: nothing is sorted or removed.
   *
   * A serde stays known if both streams have it in one format.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const web = builder.stream('web', { key: string(), value: string() });
   * const app = builder.stream('app', { key: string(), value: string() });
   * web.merge(app).to('all');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('web', { key: 'a', value: 'w' });
   * driver.send('app', { key: 'a', value: 'm' });
   * driver.read('all').map(({ value }) => value); // => ['w', 'm']
   * ```
   */
  merge<KOther, VOther, OfOther extends KnownSerdes>(
    other: KStream<KOther, VOther, OfOther>,
  ): KStream<K | KOther, V | VOther, KnownByBoth<Of, OfOther>> {
    return new KStream(merge(this.handle, other.handle));
  }

  /**
   * Sends each record to the first branch whose predicate holds, or to `default`.
   *
   * Without `default: true` the rest is left out. Branches are tried in the order they are written.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const times = builder.stream('times', { key: string(), value: number() });
   * const { slow, default: rest } = times.split({ slow: (ms) => ms > 100, default: true });
   * slow.to('slow');
   * rest.to('rest');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('times', [{ key: 'a', value: 5 }, { key: 'b', value: 500 }]);
   * driver.read('slow').map(({ key }) => key); // => ['b']
   * driver.read('rest').map(({ key }) => key); // => ['a']
   * ```
   */
  split<Named extends Branches<K, V>>(
    branches: Named,
  ): { readonly [Name in keyof Named]: KStream<K, V, Of> } {
    const streams = Array.from(split(this.handle, branches), ([name, handle]) => {
      return [name, new KStream<K, V, Of>(handle)];
    });
    return Object.fromEntries(streams) as { [Name in keyof Named]: KStream<K, V, Of> }; // its names
  }

  /**
   * Writes the records to an internal topic and reads them back: equal keys then meet in one task.
   *
   * Always writes the topic, `<application>-<name>-repartition`, whether the key was changed or
   * not.
   * Time: order holds per source task and key; source tasks interleave, which grace has to cover.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const words = builder.stream('words', { key: string(), value: string() });
   * words.repartition({ name: 'again', partitions: 2 }).to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('words', { key: 'a', value: 'hello' });
   * driver.read('out').map(({ value }) => value); // => ['hello']
   * ```
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME`, `BAD_NAME`, `NOT_COPARTITIONED`.
   */
  repartition(options: Needing<K, V, Of, RepartitionOptions<K, V>>): KStream<K, V> {
    return new KStream(repartition<K, V>(this.handle, options));
  }

  /**
   * Writes the records to a topic, or to the one chosen for each; null values as tombstones.
   *
   * Drops: by `onError: 'drop'` or `'dead-letter'`, what cannot be serialised or is too large.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const words = builder.stream('words', { key: string(), value: string() });
   * words.to((word) => `length-${word.length}`);
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('words', { key: 'a', value: 'hello' });
   * driver.read('length-5').map(({ value }) => value); // => ['hello']
   * ```
   * @throws {TopologyError} from `build()`: `SERDE_MISSING`, `BAD_NAME`.
   */
  to(
    topic: string | TopicSelector<K, V>,
    ...[options]: OptionsArgument<K, V, Of, ToOptions<K, V>>
  ): void {
    to<K, V>(this.handle, topic, options);
  }

  /**
   * Delivers the records' values as rows to a system outside Kafka: each once, whatever is killed
   * when (docs/SINKS.md). Keys, timestamps and headers are not delivered: put into the row what the
   * system is to have.
   *
   * Writes the rows to an internal topic, `<application>-<name of the sink>-outbox`, in the
   * worker's transaction; tasks of their own deliver it in batches. Rows of one task arrive in
   * order. Test drivers deliver nothing: `driver.rows(sink)` has what was written.
   * Drops: `null-value`; by `onError`, rows that cannot be serialised; `delivery`, a dead letter of
   * a row that the system refuses for its content. Without a dead-letter topic such a row stops the
   * worker.
   *
   * @example
   * ```ts
   * const table: string[] = [];
   * const sink = defineSink({
   *   kind: 'memory',
   *   name: 'words',
   *   row: string(),
   *   connect: () => ({
   *     open: () => Promise.resolve(null),
   *     apply: ({ rows }) => {
   *       table.push(...rows.map((row) => Buffer.from(row).toString()));
   *       return Promise.resolve('applied');
   *     },
   *     close: () => Promise.resolve(),
   *   }),
   * });
   * const builder = new TopologyBuilder('docs');
   * const words = builder.stream('words', { key: string(), value: string() });
   * words.mapValues((word) => word.toUpperCase()).toSink(sink);
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('words', { key: 'a', value: 'hello' });
   * driver.rows(sink); // => ['HELLO']
   * ```
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME`, `BAD_NAME`.
   */
  toSink(sink: Sink<NonNullable<V>>, options?: ToSinkOptions): void {
    toSink<K, NonNullable<V>>(this.handle, sink, options);
  }

  /**
   * Groups the records by their key, for an aggregation.
   *
   * A stream whose key was changed goes through an internal topic first.
   * Drops: `null-key`; `null-value`. Either before that topic, or in the aggregation.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const words = builder.stream('words', { key: string(), value: string() });
   * words.groupByKey().count({ name: 'counts' }).toStream().to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('words', [{ key: 'a', value: 'x' }, { key: 'a', value: 'y' }]);
   * driver.read('out').map(({ value }) => value); // => [1, 2]
   * ```
   * @throws {TopologyError} from `build()`: `SERDE_MISSING`.
   */
  groupByKey(
    ...[options]: OptionsArgument<K, V, Of, GroupByKeyOptions>
  ): KGroupedStream<NonNullable<K>, NonNullable<V>> {
    return new KGroupedStream(groupByKey<K, V>(this.handle, options));
  }

  /**
   * Groups the records by a key that the selector gives, through an internal topic called after
   * `name`.
   *
   * Drops: `null-key`, the selector gave null; `null-value`. Both before the topic.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * builder
   *   .stream('users', { key: string(), value: json<{ team: string }>() })
   *   .groupBy((user) => user.team, { name: 'by-team', key: string() })
   *   .count({ name: 'members' })
   *   .toStream()
   *   .to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('users', { key: 'ann', value: { team: 'red' } });
   * driver.read('out').map(({ key, value }) => [key, value]); // => [['red', 1]]
   * ```
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME`, `BAD_NAME`.
   * @throws {ProcessingError} while it runs: `UNDEFINED_VALUE`.
   */
  groupBy<KOut extends Defined>(
    keySelector: Mapper<K, V, KOut>,
    options: GroupByOptions<KOut> &
      (Of['value'] extends true ? ValueSerdeOption<V> : ValueSerdeRequired<V>),
  ): KGroupedStream<NonNullable<KOut>, NonNullable<V>> {
    return new KGroupedStream(groupBy(this.handle, keySelector, options));
  }

  /**
   * Keeps the last value of each key, in order of arrival; null deletes the row.
   *
   * Emits: a change for each record, except a delete of a row that is not there.
   * State: one row per key in the store `name`, until it is deleted; `versioned` and
   * `timeToLive` as for a table source.
   * Time: a record older than the row it replaces is applied all the same and counted
   * `out-of-order`; in a `versioned` table it is kept, but not forwarded.
   * Drops: `null-key`; `expired-version` in a `versioned` table; `expired` with a time to live.
   * Restart: leaves no trace; rows come back from the changelog.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const moods = builder.stream('moods', { key: string(), value: string(), tombstones: 'keep' });
   * moods.toTable({ name: 'mood-of' }).toStream().to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('moods', [{ key: 'ann', value: 'glad' }, { key: 'ann', value: null }]);
   * driver.send('moods', { key: 'bob', value: null });
   * driver.read('out').map(({ key, value }) => [key, value]);
   * // => [['ann', 'glad'], ['ann', null]]
   * ```
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME`, `SERDE_MISSING`.
   */
  toTable(
    options: Needing<K, V, Of, ToVersionedTableOptions>,
  ): KTable<NonNullable<K>, NonNullable<V>, SerdesKnown, true>;
  toTable(options: Needing<K, V, Of, ToTableOptions>): KTable<NonNullable<K>, NonNullable<V>>;
  toTable(options: Needing<K, V, Of, ToTableOptions>): KTable<NonNullable<K>, NonNullable<V>> {
    return this.handle.draft.handles.table(toTable<K, V>(this.handle, options));
  }

  /**
   * Joins each record with the row its key has in the table at that moment; without a row, nothing.
   *
   * Emits: the joined value for each record whose key has a row; the table's side triggers nothing.
   * State: none but the table's; with `grace` the records that wait, in the store `name`.
   * Time: the record's, and no record is late. At equal times the task takes the table's records
   * first; they do not advance the stream's time. In a versioned table the row is looked up that
   * was valid at the record's time, and with `grace` not before stream time has passed it by that
   * much.
   * Drops: `null-key`, also where `key` says that a global table has none; `null-value`.
   * Restart: leaves no trace; the table's rows come back as last committed. What a global table
   * holds at the moment of a lookup is not reproduced.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const users = builder.table('users', { name: 'users', key: string(), value: string() });
   * const clicks = builder.stream('clicks', { key: string(), value: string() });
   * clicks.join(users, (page, name) => `${name} saw ${page}`, { value: string() }).to('seen');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('clicks', { key: 'u1', value: '/a', timestamp: 1 });
   * driver.send('users', { key: 'u1', value: 'Ann', timestamp: 2 });
   * driver.send('clicks', { key: 'u1', value: '/b', timestamp: 3 });
   * driver.read('seen').map(({ value }) => value); // => ['Ann saw /b']
   * ```
   * @example A global table is joined under any key, in any partition.
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const source = { key: string(), value: string() };
   * const cities = builder.globalTable('cities', { name: 'cities', ...source });
   * const guests = builder.stream('guests', source);
   * const joiner = (_code: string, city: string, name: string | null) => `${name}, ${city}`;
   * guests.join(cities, { key: (code) => code, joiner, value: string() }).to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('cities', { key: 'BER', value: 'Berlin' });
   * driver.send('guests', [{ key: 'ann', value: 'BER' }, { key: 'bob', value: 'XYZ' }]);
   * driver.read('out').map(({ value }) => value); // => ['ann, Berlin']
   * ```
   * @example With grace a row is found that comes later than the record it was valid for.
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const versioned = { history: '1 minute' } as const;
   * const source = { key: string(), value: string() };
   * const users = builder.table('users', { name: 'users', ...source, versioned });
   * const saw = (page: string, name: string) => `${name} saw ${page}`;
   * const options = { name: 'named', grace: '5s', value: string() } as const;
   * builder.stream('clicks', source).join(users, saw, options).to('seen');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('clicks', { key: 'u1', value: '/a', timestamp: 2000 });
   * driver.send('users', { key: 'u1', value: 'Ann', timestamp: 1000 });
   * driver.send('clicks', { key: 'u1', value: '/b', timestamp: 7000 });
   * driver.read('seen').map(({ value }) => value); // => ['Ann saw /a']
   * ```
   * @throws {TopologyError} from `build()`: `TABLE_NOT_VISIBLE`; `NOT_COPARTITIONED`;
   * `NAME_MISSING` where the key was changed, since a topic is then written, or with `grace`;
   * `NOT_VERSIONED`; `BAD_OPTION` for a grace longer than the table's history.
   * @throws {ProcessingError} while it runs: `UNDEFINED_VALUE`.
   */
  join<
    VTable,
    VOut extends Defined,
    Versioned extends boolean = boolean,
    Options extends Only<StreamTableJoinOptions & ValueSerdeOption<VOut>, Options> = object,
  >(
    table: KTable<NonNullable<K>, VTable, KnownSerdes, Versioned>,
    joiner: Joiner<NonNullable<K>, NonNullable<V>, VTable, VOut>,
    options?: Options & GraceRules<Versioned, Options>,
  ): KStream<NonNullable<K>, VOut, KnownValueFrom<Of, Options>>;
  join<KGlobal, VGlobal, VOut extends Defined, Options extends ValueSerdeOption<VOut> = object>(
    table: GlobalKTable<KGlobal, VGlobal>,
    options: GlobalTableJoinOptions<K, NonNullable<V>, KGlobal, VGlobal, VOut> & Options,
  ): KStream<K, VOut, KnownValueFrom<Of, Options>>;
  /**
   * Joins the records of two streams that have one key and are near enough in time.
   *
   * A record `l` of this stream and `r` of the other make a pair iff `l.timestamp - before <=
   * r.timestamp <= l.timestamp + after`, both ends included, and both were still open when the
   * later one arrived. A stream may be joined with itself: each record then meets itself once.
   * Emits: a value for each pair, at the record that completes it; several in order of the other
   * side's timestamps, then arrival.
   * State: the open records of both streams in the stores `<name>-left` and `<name>-right`, until a
   * little after they closed.
   * Time: a pair has the greater of the two timestamps, and the headers of the record that
   * completed it. A record of this stream closes when stream time reaches `timestamp + after + 1 +
   * grace`, one of the other stream at `timestamp + before + 1 + grace`.
   * Drops: `null-key`; `null-value`; `late`, closed when it comes. With `late: (own, other) => ...`
   * those streams get such records as well.
   * Restart: leaves no trace. Another kind of join or other bounds under the same name are refused,
   * `WINDOW_CHANGED`; another grace is not.
   * Rule: pairs as in Kafka Streams' `KStream.join`, but a late record makes none.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const orders = builder.stream('orders', { key: string(), value: string() });
   * const payments = builder.stream('payments', { key: string(), value: number() });
   * const paid = orders.join(payments, (item, amount) => `${item}: ${amount}`, {
   *   name: 'paid',
   *   before: 0,
   *   after: '1h',
   *   grace: '5m',
   *   value: string(),
   * });
   * paid.to('paid');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('orders', { key: 'o1', value: 'book', timestamp: 1_000 });
   * driver.send('payments', { key: 'o1', value: 20, timestamp: 3_601_000 });
   * driver.send('payments', { key: 'o1', value: 20, timestamp: 3_601_001 });
   * driver.read('paid').map(({ value }) => value); // => ['book: 20']
   * ```
   * @throws {ConfigError} `BAD_DURATION`; `BAD_WINDOW` for bounds of thousands of years.
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME`, `SERDE_MISSING`, `NOT_COPARTITIONED`.
   * @throws {ProcessingError} while it runs: `UNDEFINED_VALUE`.
   */
  join<
    VOther,
    OfOther extends KnownSerdes,
    VOut extends Defined,
    Options extends Only<
      StreamJoinOptions<K, V, VOther> &
        StreamJoinSerdesFor<K, V, VOther, { own: Of; other: OfOther }> &
        ValueSerdeOption<VOut>,
      Options
    >,
  >(
    stream: KStream<K | null, VOther, OfOther>,
    joiner: Joiner<NonNullable<K>, NonNullable<V>, NonNullable<VOther>, VOut>,
    options: Options,
  ): KStream<NonNullable<K>, VOut, KnownValueFrom<SerdesKnown, Options>>;
  join(
    other: Joinable,
    how: AnyJoiner | AnyGlobalJoin,
    options?: AnyStreamJoinOptions,
  ): KStream<unknown, unknown, KnownSerdes> {
    return new KStream(anyJoin(this.handle, 'join', { other, how, options }));
  }

  /**
   * Joins each record with the row its key has in the table at that moment, or with `null`.
   *
   * Emits: the joined value for each record, with `null` where its key has no row or is null; the
   * table's side triggers nothing.
   * State: as for `join`.
   * Time: as for `join`; a record without a key does not wait.
   * Drops: `null-value`.
   * Restart: leaves no trace; the table's rows come back as last committed.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const users = builder.table('users', { name: 'users', key: string(), value: string() });
   * const clicks = builder.stream('clicks', { key: string(), value: string() });
   * const saw = (page: string, name: string | null) => `${name ?? 'somebody'} saw ${page}`;
   * clicks.leftJoin(users, saw, { value: string() }).to('seen');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('clicks', { key: 'u1', value: '/a' });
   * driver.read('seen').map(({ value }) => value); // => ['somebody saw /a']
   * ```
   * @throws {TopologyError} from `build()`: as `join`.
   * @throws {ProcessingError} while it runs: `UNDEFINED_VALUE`.
   */
  leftJoin<
    VTable,
    VOut extends Defined,
    Versioned extends boolean = boolean,
    Options extends Only<StreamTableJoinOptions & ValueSerdeOption<VOut>, Options> = object,
  >(
    table: KTable<NonNullable<K>, VTable, KnownSerdes, Versioned>,
    joiner: Joiner<K, NonNullable<V>, VTable | null, VOut>,
    options?: Options & GraceRules<Versioned, Options>,
  ): KStream<K, VOut, KnownValueFrom<Of, Options>>;
  leftJoin<KGlobal, VGlobal, VOut extends Defined, Options extends ValueSerdeOption<VOut> = object>(
    table: GlobalKTable<KGlobal, VGlobal>,
    options: GlobalTableJoinOptions<K, NonNullable<V>, KGlobal, VGlobal | null, VOut> & Options,
  ): KStream<K, VOut, KnownValueFrom<Of, Options>>;
  /**
   * Joins two streams as `join` does, and passes on the records of this one that met nobody.
   *
   * Emits: a value for each pair; and one with `null` for the other side for each record of this
   * stream that was never in a pair, when it closes: never both, never neither. Those due at one
   * time leave in order of key, then arrival.
   * State: as for `join`, and a timer for each record of this stream that waits for its first
   * partner.
   * Time: as for `join`; what met nobody has its own timestamp and headers.
   * Drops: `null-value`; `late`; `null-key` of the other stream. A record of this stream without a
   * key is passed on with `null` at once.
   * Restart: as for `join`.
   * Rule: as Kafka Streams' `leftJoin`, but no record leaves unmatched before it closes.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const orders = builder.stream('orders', { key: string(), value: string() });
   * const payments = builder.stream('payments', { key: string(), value: number() });
   * const bounds = { before: 0, after: 10, grace: 5 };
   * const text = (item: string, amount: number | null) => `${item}: ${amount ?? 'unpaid'}`;
   * orders.leftJoin(payments, text, { name: 'paid', ...bounds, value: string() }).to('paid');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('orders', { key: 'o1', value: 'book', timestamp: 0 });
   * driver.send('orders', { key: 'o2', value: 'lamp', timestamp: 16 });
   * driver.read('paid').map(({ value, timestamp }) => [value, timestamp]);
   * // => [['book: unpaid', 0]]
   * ```
   * @throws {TopologyError} from `build()`: as `join`.
   * @throws {ProcessingError} while it runs: `UNDEFINED_VALUE`.
   */
  leftJoin<
    VOther,
    OfOther extends KnownSerdes,
    VOut extends Defined,
    Options extends Only<
      StreamJoinOptions<K, V, VOther> &
        StreamJoinSerdesFor<K, V, VOther, { own: Of; other: OfOther }> &
        ValueSerdeOption<VOut>,
      Options
    >,
  >(
    stream: KStream<K | null, VOther, OfOther>,
    joiner: Joiner<K, NonNullable<V>, NonNullable<VOther> | null, VOut>,
    options: Options,
  ): KStream<K, VOut, KnownValueFrom<SerdesKnown, Options>>;
  leftJoin(
    other: Joinable,
    how: AnyJoiner | AnyGlobalJoin,
    options?: AnyStreamJoinOptions,
  ): KStream<unknown, unknown, KnownSerdes> {
    return new KStream(anyJoin(this.handle, 'left-join', { other, how, options }));
  }

  /**
   * Joins two streams as `join` does, and passes on the records of both that met nobody.
   *
   * Emits: a value for each pair; and one with `null` for the other side for each record that was
   * never in a pair, when it closes: never both, never neither. Those due at one time leave in
   * order of key, then arrival.
   * State: as for `join`, and a timer for each record that waits for its first partner.
   * Time: as for `join`; what met nobody has its own timestamp and headers.
   * Drops: `null-value`; `late`. A record without a key is passed on with `null` at once.
   * Restart: as for `join`.
   * Rule: as Kafka Streams' `outerJoin`, but no record leaves unmatched before it closes.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const starts = builder.stream('starts', { key: string(), value: string() });
   * const ends = builder.stream('ends', { key: string(), value: string() });
   * const bounds = { before: 0, after: 10, grace: 0 };
   * const text = (from: string | null, to: string | null) => `${from ?? '?'} to ${to ?? '?'}`;
   * starts.outerJoin(ends, text, { name: 'trips', ...bounds, value: string() }).to('trips');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('starts', { key: 'ann', value: 'Rome', timestamp: 1 });
   * driver.send('ends', { key: 'ann', value: 'Oslo', timestamp: 5 });
   * driver.send('ends', { key: 'bob', value: 'Nice', timestamp: 6 });
   * driver.send('ends', { key: 'cem', value: 'Bonn', timestamp: 9 });
   * driver.read('trips').map(({ value }) => value); // => ['Rome to Oslo', '? to Nice']
   * ```
   * @throws {TopologyError} from `build()`: as `join`.
   * @throws {ProcessingError} while it runs: `UNDEFINED_VALUE`.
   */
  outerJoin<
    VOther,
    OfOther extends KnownSerdes,
    VOut extends Defined,
    Options extends Only<
      StreamJoinOptions<K, V, VOther> &
        StreamJoinSerdesFor<K, V, VOther, { own: Of; other: OfOther }> &
        ValueSerdeOption<VOut>,
      Options
    >,
  >(
    stream: KStream<K | null, VOther, OfOther>,
    joiner: Joiner<K | null, NonNullable<V> | null, NonNullable<VOther> | null, VOut>,
    options: Options,
  ): KStream<K | null, VOut, KnownValueFrom<SerdesKnown, Options>> {
    const spec = { kind: 'outer-join', other: stream.handle, joiner } as const;
    return new KStream(streamStreamJoin(this.handle, spec, options));
  }

  /**
   * Lets the first record of each key pass and refuses those that come within a time of it.
   *
   * A record is a duplicate iff one of its key, or of what `by` tells of it, was let through whose
   * timestamp is less than `within` away, before or after. Duplicates do not extend that time.
   * Emits: each record that is no duplicate, at once and as it came.
   * State: the times of what was let through in the store `name`, until stream time is past them by
   * `within` and `grace` and a little; `<name>-width` holds one number.
   * Time: the record's own. A record is late once stream time is past it by more than `grace`.
   * Drops: `null-key`, no key, or `by` gave null; `late`; `duplicate`. With `late: (stream) => ...`
   * and `duplicates: (stream) => ...` those streams get such records as well.
   * Restart: leaves no trace. Behind a change of key it is refused: repartition first.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const orders = builder.stream('orders', { key: string(), value: json<{ id: number }>() });
   * orders.deduplicate({ name: 'once', within: '1m', by: (order) => order.id }).to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('orders', { key: 'ann', value: { id: 1 }, timestamp: 0 });
   * driver.send('orders', { key: 'bob', value: { id: 1 }, timestamp: 59_999 });
   * driver.send('orders', { key: 'ann', value: { id: 1 }, timestamp: 60_000 });
   * driver.read('out').map(({ timestamp }) => timestamp); // => [0, 60_000]
   * driver.dropped('duplicate'); // => 1
   * ```
   * @throws {ConfigError} `BAD_DURATION`; `BAD_WINDOW` if `within` is 0.
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME`; `INVALID_TOPOLOGY` if the key was
   * changed.
   * @throws {ProcessingError} while it runs: `UNDEFINED_VALUE`.
   */
  deduplicate<Id extends Defined>(options: DeduplicateOptions<K, V, Id>): KStream<K, V, Of> {
    return new KStream(deduplicate(this.handle, options));
  }

  /**
   * Passes a record on only if its value is another than the last one of its key, in order of
   * arrival.
   *
   * Values are compared as encoded. A tombstone is passed on if there was a value, and forgets it.
   * Emits: each record whose value differs, at once and as it came; the others are filtered.
   * State: the encoded value, or what `by` tells of it, of each key in the store `name`, until a
   * tombstone comes.
   * Time: the record's own; no record is late.
   * Drops: `null-key`.
   * Restart: leaves no trace. Behind a change of key it is refused: repartition first.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const moods = builder.stream('moods', { key: string(), value: string(), tombstones: 'keep' });
   * moods.distinctUntilChanged({ name: 'changes' }).to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * for (const value of ['glad', 'glad', 'sad', null, null, 'sad']) {
   *   driver.send('moods', { key: 'ann', value });
   * }
   * driver.read('out').map(({ value }) => value); // => ['glad', 'sad', null, 'sad']
   * ```
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME`; `INVALID_TOPOLOGY` if the key was
   * changed.
   * @throws {ProcessingError} while it runs: `UNDEFINED_VALUE`.
   */
  distinctUntilChanged(options: DistinctUntilChangedOptions<K, V>): KStream<NonNullable<K>, V, Of> {
    return new KStream(distinctUntilChanged<K, V>(this.handle, options));
  }

  /**
   * Passes each record on a while later.
   *
   * Emits: each record as it came, at the timer `timestamp + duration`; those due at one time in
   * order of key, then arrival. With `by: 'wall-clock'` it is passed on no earlier than that long
   * after it arrived, by the worker's clock: for retries; it cannot be reproduced.
   * State: the records that wait in the store `name`, and a timer for each.
   * Time: the record's own. Time is stepped through the timers, so that a record delayed by no more
   * than a window's grace is not late behind it, however far stream time jumps.
   * Drops: none; null keys and null values pass.
   * Restart: leaves no trace; what waits goes on waiting. By wall clock, records taken since the
   * last commit begin to wait anew.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const words = builder.stream('words', { key: string(), value: string() });
   * words.delay('10ms', { name: 'later' }).to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('words', { key: 'a', value: 'x', timestamp: 0 });
   * driver.send('words', { key: 'b', value: 'y', timestamp: 9 });
   * driver.read('out').map(({ value }) => value); // => []
   * driver.send('words', { key: 'c', value: 'z', timestamp: 10 });
   * driver.read('out').map(({ value, timestamp }) => [value, timestamp]); // => [['x', 0]]
   * ```
   * @throws {ConfigError} `BAD_DURATION`; `BAD_WINDOW` for thousands of years.
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME`, `SERDE_MISSING`.
   */
  delay(duration: Duration, options: Needing<K, V, Of, DelayOptions>): KStream<K, V> {
    return new KStream(delay<K, V>(this.handle, duration, options));
  }

  /**
   * Lets at most `limit` records of a key pass in any stretch of `per`; the others are dropped, or
   * wait for their turn as long as `maxDelay` allows.
   *
   * A record is judged at the stream time of its arrival, not by its own timestamp: the order of
   * arrival is what counts, and stream time alone makes room. What is dropped takes no room.
   * Emits: each record that may pass, as it came: at once, or with `maxDelay` at the first stream
   * time at which there is room. Records of a key keep their order.
   * State: for each key the times of the last `limit` records in the store `name`, until `per` has
   * gone by without one; what waits in `<name>-waiting`, with a timer for each.
   * Time: the record's own; no record is late.
   * Drops: `null-key`, no key, or `by` gave null; `rate-limit`, what is above the limit. With
   * `excess: (stream) => ...` that stream gets such records as well.
   * Restart: leaves no trace; the times are part of the commit. Behind a change of key it is
   * refused: repartition first. `limit`, `per` and `maxDelay` may change.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const alerts = builder.stream('alerts', { key: string(), value: string() });
   * const digest = (stream: KStream<string | null, string>) => stream.to('digest');
   * alerts.rateLimit({ name: 'calm', limit: 2, per: '1m', excess: digest }).to('pages');
   * const driver = new TopologyTestDriver(builder.build());
   * for (const [value, timestamp] of [['a', 0], ['b', 9], ['c', 59_999], ['d', 60_000]] as const) {
   *   driver.send('alerts', { key: 'disk', value, timestamp });
   * }
   * driver.read('pages').map(({ value }) => value); // => ['a', 'b', 'd']
   * driver.read('digest').map(({ value }) => value); // => ['c']
   * ```
   * @throws {ConfigError} `BAD_OPTION` for the limit; `BAD_DURATION`; `BAD_WINDOW` if `per` is 0.
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME`; `SERDE_MISSING`; `INVALID_TOPOLOGY`
   * if the key was changed.
   * @throws {ProcessingError} while it runs: `UNDEFINED_VALUE`.
   */
  rateLimit(options: RateLimitOptions<K, V>): KStream<K, V> {
    return new KStream(rateLimit<K, V>(this.handle, options));
  }

  /**
   * Finds events of one key that follow one another, with others between them or not.
   *
   * The first event that fits begins a run; each next step takes the next event that fits. A match
   * has for each step, by its `as`, the event as `{ value, timestamp }`. Matches share no event:
   * the oldest beginning wins. With `matches: 'overlapping'` each beginning makes its own match.
   * Emits: a match when its last event is taken. `timedOut` gets what a run has when its time is
   * over: "a, then no b".
   * State: the runs of each key in one row of the store `name`, at most `maxRuns`.
   * Time: a match has the greatest timestamp of its events, a timed-out run the last moment it had.
   * Without `grace` events are taken as they come, with it in the order of their timestamps.
   * Drops: `null-key`; `null-value`; `late`, with `grace`; `run-limit`, once for each run that ends
   * for a newer one.
   * Restart: leaves no trace; runs come back as last committed. Other steps need another name.
   *
   * @example Two refusals, then an approval, within a minute; and whoever gave up.
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const cards = builder.stream('cards', { key: string(), value: string() });
   * const probed = cards.pattern({
   *   name: 'probed',
   *   steps: [
   *     { as: 'first', where: (answer) => answer === 'refused' },
   *     { as: 'second', where: (answer) => answer === 'refused' },
   *     { as: 'success', where: (answer) => answer === 'approved' },
   *   ],
   *   within: '1 minute',
   *   timedOut: (runs) =>
   *     runs.mapValues(({ first }) => first.timestamp, { value: int64() }).to('gave-up'),
   * });
   * probed
   *   .mapValues(({ first, success }) => success.timestamp - first.timestamp, { value: int64() })
   *   .to('alarms');
   * const driver = new TopologyTestDriver(builder.build());
   * const refused = (timestamp: number) => ({ key: 'card', value: 'refused', timestamp });
   * driver.send('cards', [refused(0), refused(5_000)]);
   * driver.send('cards', { key: 'card', value: 'approved', timestamp: 9_000 });
   * driver.read('alarms').map(({ key, value }) => [key, value]); // => [['card', 9_000]]
   * driver.send('cards', [refused(100_000), refused(200_000)]);
   * const gaveUp = driver.read('gave-up');
   * gaveUp.map(({ value, timestamp }) => [value, timestamp]); // => [[100_000, 160_000]]
   * ```
   * @throws {ConfigError} `BAD_OPTION`, `BAD_DURATION`, `BAD_WINDOW`.
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME`, `BAD_NAME`; `INVALID_TOPOLOGY` where
   * the key was changed: put `repartition({ name })` before it.
   */
  pattern<const Steps extends readonly PatternStep<NonNullable<K>, NonNullable<V>>[]>(
    options: Needing<K, V, Of, PatternOptions<NonNullable<K>, NonNullable<V>, Steps>>,
  ): KStream<NonNullable<K>, PatternMatch<NonNullable<V>, Steps>> {
    return new KStream(pattern<NonNullable<K>, NonNullable<V>, Steps>(this.handle, options));
  }

  /**
   * Hands the records to a processor of the author's own: the most general operator.
   *
   * `create(context)` runs once per task and start. `process` is synchronous; ranges of a store are
   * asked for with `context.scan`, callbacks at a time with `context.schedule`. The key counts as
   * changed.
   * Emits: what it forwards, in that order.
   * State: the stores it declares, and its timers.
   * Time: a record leaves with the timestamp it is forwarded with. The timers up to a record's time
   * run before it, each at its own time.
   * Drops: what `context.drop(record, 'author:<reason>')` refuses.
   * Restart: stores and timers come back as last committed; local variables start anew.
   *
   * @example A record is forwarded when its key is seen for the first time.
   * ```ts
   * const seen = keyValueStore({ name: 'seen', key: string(), value: int64() });
   * const builder = new TopologyBuilder('docs');
   * builder
   *   .stream('words', { key: string(), value: string() })
   *   .process(
   *     {
   *       name: 'first',
   *       stores: [seen],
   *       create(context: ProcessorContext<string, string>): Processor<string | null, string> {
   *         const store = context.store(seen);
   *         return {
   *           process({ key, value, timestamp, headers }) {
   *             if (key === null || store.get(key) !== undefined) return;
   *             store.put(key, { value: 1, timestamp });
   *             context.forward({ key, value, timestamp, headers });
   *           },
   *         };
   *       },
   *     },
   *     { key: string(), value: string() },
   *   )
   *   .to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('words', [{ key: 'a', value: 'x' }, { key: 'a', value: 'y' }]);
   * driver.read('out').map(({ value }) => value); // => ['x']
   * ```
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME`, `BAD_NAME`.
   */
  process<KOut, VOut, Options extends Only<SerdeOptions<KOut, VOut>, Options> = object>(
    definition: ProcessDefinition<K, V, KOut, VOut>,
    options?: Options,
  ): KStream<KOut, VOut, KnownFrom<Options>> {
    return new KStream(process(this.handle, definition, options));
  }

  /**
   * Hands the records to a processor of the author's own that cannot change the key.
   *
   * The same as `process`, but what is forwarded has no key: it leaves under that of the record at
   * work, in a timer under the timer's. So grouping, joins and `toTable` behind it write no topic.
   * Emits: what it forwards, in that order.
   * State: the stores it declares, and its timers.
   * Time: as for `process`.
   * Drops: what `context.drop(record, 'author:<reason>')` refuses.
   * Restart: stores and timers come back as last committed; local variables start anew.
   *
   * @example Each value is shouted.
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * builder
   *   .stream('words', { key: string(), value: string() })
   *   .processValues(
   *     {
   *       name: 'shout',
   *       create: (context: ValueProcessorContext<string>) => ({
   *         process({ value, timestamp, headers }) {
   *           context.forward({ value: `${value}!`, timestamp, headers });
   *         },
   *       }),
   *     },
   *     { value: string() },
   *   )
   *   .to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('words', { key: 'a', value: 'x' });
   * driver.read('out').map(({ key, value }) => [key, value]); // => [['a', 'x!']]
   * ```
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME`, `BAD_NAME`.
   * @throws {ProcessingError} while it runs: `KEY_CHANGED`, forwarding where there is no key.
   */
  processValues<VOut, Options extends Only<ValueSerdeOption<VOut>, Options> = object>(
    definition: ProcessValuesDefinition<K, V, VOut>,
    options?: Options,
  ): KStream<K, VOut, KnownValueFrom<Of, Options>> {
    return new KStream(processValues(this.handle, definition, options));
  }
}
