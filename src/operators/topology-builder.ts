import { buildTopology } from '../core/topology/build-topology.ts';
import type { Topology, TopologySettings } from '../core/topology/plan.ts';
import { createDraft, type Draft } from './internal/draft.ts';
import { KStream } from './k-stream.ts';
import { KTable } from './k-table.ts';
import { streamSource, type StreamOptions } from './stream-source.ts';
import { type TableOptions, tableSource } from './table-source.ts';

export interface TopologyBuilderOptions {
  /** The topic for records that a policy `'dead-letter'` takes out of the way. */
  readonly deadLetter?: string;
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
    { deadLetter, breaker = 'on', stack = 'omit' }: TopologyBuilderOptions = {},
  ) {
    this.settings = { application, deadLetterTopic: deadLetter ?? null, breaker, stack };
    this.draft = createDraft({
      stream: (handle) => new KStream(handle),
      table: (handle) => new KTable(handle),
    });
  }

  /**
   * Reads a topic as a stream. Its keys may be absent; its values only with `tombstones: 'keep'`.
   *
   * Time: a record advances stream time with its own timestamp, or with what `timestamp` says of
   * it.
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
   * State: one row per key in the store `name`, until it is deleted.
   * Time: updates apply in the order of the topic; one that is older than its row is counted
   * `out-of-order`. A join's stream gets no time from the table.
   * Drops: `null-key`; `invalid-timestamp`; `future`; `deserialization`, where a policy says so.
   * Restart: leaves no trace; rows come back from the changelog.
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
   * @throws {ConfigError} `BAD_DURATION`.
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME` if another node or store is called
   * `name`.
   */
  table<K, V>(topic: string, options: TableOptions<K, V>): KTable<K, V> {
    return new KTable(tableSource(this.draft, topic, options));
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
