import { buildTopology } from '../core/topology/build-topology.ts';
import { GlobalKTable } from './global-k-table.ts';
import { type GlobalTableOptions, globalTableSource } from './global-table-source.ts';
import type { DeadLetterDrops, Topology, TopologySettings } from '../core/topology/plan.ts';
import { createDraft, type Draft } from './internal/draft.ts';
import type { SerdesKnown } from './internal/serdes.ts';
import { KStream } from './k-stream.ts';
import { KTable } from './k-table.ts';
import { streamSource, type StreamOptions } from './stream-source.ts';
import {
  type SourceChangelogTableOptions,
  type TableOptions,
  tableSource,
  type VersionedTableOptions,
} from './table-source.ts';

export interface TopologyBuilderOptions {
  /** The topic for records that a policy `'dead-letter'` takes out of the way. */
  readonly deadLetter?: string;
  /**
   * The reasons of drops (`'late'`, `'null-key'`, ...) that write to that topic too, or `'all'` of
   * them: what a policy `'drop'` drops is then among them. Default: none.
   */
  readonly deadLetterDrops?: DeadLetterDrops;
  /** Whether to stop when most of a partition's last 1000 records were in error. Default `'on'`. */
  readonly breaker?: 'on' | 'off';
  /** Whether dead letters carry the stack of the error. Default `'omit'`. */
  readonly stack?: 'include' | 'omit';
}

/** Writes a topology down. Nothing runs before it is given to a worker or a test driver. */
export class TopologyBuilder {
  private readonly settings: TopologySettings;
  private readonly draft: Draft;

  /** @param application names the consumer group and begins the names of all internal topics. */
  constructor(
    application: string,
    {
      deadLetter,
      deadLetterDrops = [],
      breaker = 'on',
      stack = 'omit',
    }: TopologyBuilderOptions = {},
  ) {
    const deadLetterTopic = deadLetter ?? null;
    this.settings = { application, deadLetterTopic, deadLetterDrops, breaker, stack };
    this.draft = createDraft({
      stream: (handle) => new KStream(handle),
      table: (handle) => new KTable(handle),
    });
  }

  /**
   * Reads a topic as a stream. Its keys may be absent; its values only with `tombstones: 'keep'`.
   *
   * Time: a record advances stream time with its own timestamp, or with what `timestamp` says of
   * it. With `idleAdvance` it follows the clock while none come: a second run need not give the
   * same then.
   * Drops: `invalid-timestamp`; `future`; `null-value`, unless tombstones are kept;
   * `deserialization`, where a policy says so.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const source = { key: string(), value: json<{ at: number }>() };
   * const timestamp = valueTime((event: { at: number }) => event.at);
   * builder.stream('events', { ...source, timestamp }).to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('events', { key: 'a', value: { at: 42 }, timestamp: 7 });
   * driver.read('out').map((record) => record.timestamp); // => [42]
   * ```
   * @throws {ConfigError} `BAD_DURATION`.
   */
  stream<K, V, Tombstones extends 'keep' | 'drop' = 'drop'>(
    topic: string,
    options: StreamOptions<K, V, Tombstones>,
  ): KStream<K | null, Tombstones extends 'keep' ? V | null : V> {
    return new KStream(streamSource(this.draft, topic, options));
  }

  /**
   * Reads a topic as a table: the last value of each key; a record without a value deletes the row.
   *
   * Emits: a change for each record, except a delete of a row that is not there.
   * State: one row per key in the store `name`, until it is deleted; a `versioned` table keeps the
   * latest version of each key for ever, deletes too, and older ones as long as its history. With
   * `timeToLive` a row is deleted when stream time has passed its timestamp by that much.
   * Time: updates apply in the order of the topic; one that is older than its row is counted
   * `out-of-order`. In a `versioned` table it is kept for joins, which find what was valid at their
   * record's time, and is not forwarded. A join's stream gets no time from the table.
   * Drops: `null-key`; `invalid-timestamp`; `future`; `deserialization`, where a policy says so;
   * `expired-version`, what is older than the history and than another version of its key;
   * `expired`, a row whose time to live is over already.
   * Restart: leaves no trace; rows come back from the changelog. With `changelog: 'source'` they
   * come back from the topic, up to what was committed: a record that a policy has dropped below
   * the source is in the table then, and a key that compaction has left without a record is not.
   * The topic's `delete.retention.ms` should be a day or more.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * builder.table('names', { name: 'names', key: string(), value: string() });
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('names', { key: '1', value: 'Ann' });
   * driver.send('names', { key: null, value: 'Bob' });
   * driver.store('names').get('1'); // => 'Ann'
   * driver.dropped('null-key'); // => 1
   * ```
   * @example With versions a join finds the price of the time of the order.
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const versioned = { history: '1 day' } as const;
   * const source = { key: string(), value: int64() };
   * const prices = builder.table('prices', { name: 'prices', ...source, versioned });
   * const orders = builder.stream('orders', source);
   * orders.join(prices, (amount, price) => amount * price, { value: int64() }).to('sums');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('prices', [{ key: 'tea', value: 3, timestamp: 10 }]);
   * driver.send('prices', [{ key: 'tea', value: 4, timestamp: 20 }]);
   * for (const timestamp of [15, 20]) driver.send('orders', { key: 'tea', value: 2, timestamp });
   * driver.read('sums').map(({ value }) => value); // => [6, 8]
   * ```
   * @example With a time to live what is not renewed goes by itself.
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const options = { name: 'sessions', key: string(), value: string(), timeToLive: 10 };
   * builder.table('logins', options).toStream().to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('logins', { key: 'ann', value: 'in', timestamp: 0 });
   * driver.send('logins', { key: 'bob', value: 'in', timestamp: 30 });
   * driver.read('out').map(({ key, value, timestamp }) => [key, value, timestamp]);
   * // => [['ann', 'in', 0], ['ann', null, 10], ['bob', 'in', 30]]
   * ```
   * @example A topic that keeps the last value of each key is changelog enough.
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const serdes = { key: string(), value: string() };
   * builder.table('names', { name: 'names', ...serdes, changelog: 'source' });
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('names', { key: '1', value: 'Ann' });
   * driver.crash();
   * driver.store('names').get('1'); // => 'Ann'
   * ```
   * @throws {ConfigError} `BAD_DURATION`; `BAD_OPTION` for a time to live of 0.
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME` if another node or store is called
   * `name`; `BAD_OPTION` for a history and a time to live, or for one of them, `wallClock()` or
   * `onInvalidTimestamp: 'partition-time'` with `changelog: 'source'`. When a worker starts:
   * `TOPIC_NOT_COMPACTED`.
   */
  table<K, V>(topic: string, options: VersionedTableOptions<K, V>): KTable<K, V, SerdesKnown, true>;
  table<K, V>(
    topic: string,
    options: TableOptions<K, V> | SourceChangelogTableOptions<K, V>,
  ): KTable<K, V>;
  table<K, V>(
    topic: string,
    options: TableOptions<K, V> | SourceChangelogTableOptions<K, V>,
  ): KTable<K, V> {
    return new KTable(tableSource(this.draft, topic, options));
  }

  /**
   * Reads a topic as a table that every worker holds whole: streams join it under any key of
   * theirs, wherever their records lie.
   *
   * Emits: nothing; a lookup finds what is there now, or was a little before.
   * State: one row per key in the store `name` of each worker, until it is deleted; no changelog.
   * Time: none. Updates apply in the order of each partition, between the records of the tasks; no
   * task starts before the table has what its topic held when the worker started.
   * Drops: `null-key`; `invalid-timestamp`; `future`; `deserialization`, where `onError` says so.
   * Restart: goes on where the worker's own copy is, else reads the topic again.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const source = { key: string(), value: string() };
   * const cities = builder.globalTable('cities', { name: 'cities', ...source });
   * builder
   *   .stream('guests', source)
   *   .join(cities, { key: (code) => code, joiner: (_code, city) => city, value: string() })
   *   .to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('cities', { key: 'BER', value: 'Berlin' });
   * driver.send('guests', { key: 'ann', value: 'BER' });
   * driver.read('out').map(({ key, value }) => [key, value]); // => [['ann', 'Berlin']]
   * ```
   * @throws {ConfigError} `BAD_DURATION`.
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME` if another node or store is called
   * `name`, or the topic is read elsewhere in the topology.
   */
  globalTable<K, V>(topic: string, options: GlobalTableOptions<K, V>): GlobalKTable<K, V> {
    return new GlobalKTable(globalTableSource(this.draft, topic, options));
  }

  /**
   * Checks what was written down and freezes it; nothing runs.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * builder.stream('in', { key: string(), value: string() }).to('out');
   * builder.build().subTopologies.length; // => 1
   * ```
   * @throws {TopologyError} with every problem at once, each with a code and the node's name.
   */
  build(): Topology {
    const { nodes, problems, renames } = this.draft;
    return buildTopology(this.settings, nodes, problems, renames);
  }
}
