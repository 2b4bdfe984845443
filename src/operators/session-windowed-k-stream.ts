import type { SessionWindows } from '../core/model/session-windows.ts';
import type { Windowed } from '../core/model/windows.ts';
import type { Ranked, Score } from '../core/serde/ranking.ts';
import type { IdSelector } from './internal/distinct-ids.ts';
import type { Handle } from './internal/handle.ts';
import {
  sessionCountDistinct,
  type SessionCountDistinctOptions,
} from './session-count-distinct.ts';
import { sessionTopN, type SessionTopNOptions } from './session-top-n.ts';
import type { Defined } from './internal/serdes.ts';
import type { KTable } from './k-table.ts';
import { sessionAggregate, type SessionAggregateOptions } from './session-aggregate.ts';
import { sessionCount, type SessionCountOptions } from './session-count.ts';
import { sessionReduce, type SessionReduceOptions, type SessionReducer } from './session-reduce.ts';

/** A grouped stream cut into sessions: its aggregations have one row per key and session. */
export class SessionWindowedKStream<K, V> {
  /** @internal */
  constructor(
    /** @internal */
    readonly handle: Handle,
    /** @internal */
    readonly windows: SessionWindows,
  ) {}

  /**
   * Counts the records of each key and session.
   *
   * Emits: with `onUpdate()` a tombstone for each session that the record made longer or merged,
   * then the count under the new bounds; with `onClose()` one count per session, once it has
   * closed; `onCommit()` and `every()` fold, so a session that came and went shows nothing.
   * State: one number per key and session in the session store `name`, until stream time reaches
   * `endMs + gap + grace + retention`; the bounds of a key's open sessions in `name-open`.
   * Time: `startMs` is the time of the first record, `endMs` that of the last and one. A record
   * meets the open sessions at most `gap` away. A row has the time of its last record.
   * Drops: `null-key`; `null-value`; `late`, where a record meets no open session and stream time
   * has reached its own time, `gap`, `grace` and one. With `late: (stream) => ...` that stream gets
   * such records as well.
   * Restart: leaves no trace; under `'at-least-once'` replayed records may count twice.
   * Rule: as in Kafka Streams' `SessionWindows.ofInactivityGapAndGrace`; the differences are in
   * `docs/SEMANTICS.md`, "Sessions".
   *
   * @example A record between two sessions merges them.
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const clicks = builder.stream('clicks', { key: string(), value: string() }).groupByKey();
   * const visits = clicks.windowedBy(session(5, { grace: 10 }));
   * visits.count({ name: 'visits' }).toStream().to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * for (const timestamp of [0, 10, 5]) {
   *   driver.send('clicks', { key: 'ann', value: '/a', timestamp });
   * }
   * const out = driver.read<Windowed<string>, number>('out');
   * out.map(({ key: { startMs, endMs }, value }) => [startMs, endMs, value]);
   * // => [[0, 1, 1], [10, 11, 1], [0, 1, null], [10, 11, null], [0, 11, 3]]
   * ```
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME` if another node or store is called
   * `name`.
   * @throws {ProcessingError} while it runs: `OVERFLOW` above 2^53 - 1.
   */
  count(options: SessionCountOptions<K, V>): KTable<Windowed<K>, number> {
    return this.handle.draft.handles.table(sessionCount(this.handle, this.windows, options));
  }

  /**
   * Combines the values of each key and session; the first value is the row. The reducer also
   * merges the rows of two sessions, the earlier one first.
   *
   * Emits: with `onUpdate()` a tombstone for each session that the record made longer or merged,
   * then the row under the new bounds; with `onClose()` one row per session, once it has closed;
   * `onCommit()` and `every()` fold, so a session that came and went shows nothing.
   * State: one row per key and session in the session store `name`, until stream time reaches
   * `endMs + gap + grace + retention`; the bounds of a key's open sessions in `name-open`.
   * Time: `startMs` is the time of the first record, `endMs` that of the last and one. A record
   * meets the open sessions at most `gap` away. A row has the time of its last record.
   * Drops: `null-key`; `null-value`; `late`, where a record meets no open session and stream time
   * has reached its own time, `gap`, `grace` and one. With `late: (stream) => ...` that stream gets
   * such records as well.
   * Restart: leaves no trace; under `'at-least-once'` replayed records may count twice.
   * Rule: as in Kafka Streams' `SessionWindows.ofInactivityGapAndGrace`; the differences are in
   * `docs/SEMANTICS.md`, "Sessions".
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const scores = builder.stream('scores', { key: string(), value: number() }).groupByKey();
   * const games = scores.windowedBy(session('1 minute', { grace: 0 }));
   * games.reduce((a, b) => Math.max(a, b), { name: 'best', emit: onClose() }).toStream().to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('scores', { key: 'ann', value: 3, timestamp: 0 });
   * driver.send('scores', { key: 'ann', value: 9, timestamp: 50_000 });
   * driver.send('scores', { key: 'ann', value: 1, timestamp: 200_000 });
   * driver.read<Windowed<string>, number>('out').map(({ key, value }) => [key.endMs, value]);
   * // => [[50_001, 9]]
   * ```
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME` if another node or store is called
   * `name`.
   * @throws {ProcessingError} while it runs: `UNDEFINED_VALUE`; `NULL_AGGREGATE`.
   */
  reduce(reducer: SessionReducer<V>, options: SessionReduceOptions<K, V>): KTable<Windowed<K>, V> {
    const spec = { ...options, reducer };
    return this.handle.draft.handles.table(sessionReduce(this.handle, this.windows, spec));
  }

  /**
   * Folds the values of each key and session into an aggregate that starts from the initializer;
   * the merger combines the aggregates of sessions that a record has joined.
   *
   * Emits: with `onUpdate()` a tombstone for each session that the record made longer or merged,
   * then the row under the new bounds; with `onClose()` one row per session, once it has closed;
   * `onCommit()` and `every()` fold, so a session that came and went shows nothing.
   * State: one row per key and session in the session store `name`, until stream time reaches
   * `endMs + gap + grace + retention`; the bounds of a key's open sessions in `name-open`.
   * Time: `startMs` is the time of the first record, `endMs` that of the last and one. A record
   * meets the open sessions at most `gap` away. A row has the time of its last record.
   * Drops: `null-key`; `null-value`; `late`, where a record meets no open session and stream time
   * has reached its own time, `gap`, `grace` and one. With `late: (stream) => ...` that stream gets
   * such records as well.
   * Restart: leaves no trace; under `'at-least-once'` replayed records may count twice.
   * Rule: as in Kafka Streams' `SessionWindows.ofInactivityGapAndGrace`; the differences are in
   * `docs/SEMANTICS.md`, "Sessions".
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * builder
   *   .stream('clicks', { key: string(), value: string() })
   *   .groupByKey()
   *   .windowedBy(session('30 minutes', { grace: '1 minute' }))
   *   .aggregate({
   *     name: 'paths',
   *     initializer: (): readonly string[] => [],
   *     aggregator: (path, page) => [...path, page],
   *     merger: (earlier, later) => [...earlier, ...later],
   *     value: json<readonly string[]>(),
   *     emit: onClose(),
   *   })
   *   .toStream()
   *   .to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('clicks', { key: 'ann', value: '/a', timestamp: 0 });
   * driver.send('clicks', { key: 'ann', value: '/b', timestamp: 60_000 });
   * driver.send('clicks', { key: 'bob', value: '/c', timestamp: 7_200_000 });
   * driver.read('out').map(({ value }) => value); // => [['/a', '/b']]
   * ```
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME` if another node or store is called
   * `name`.
   * @throws {ProcessingError} while it runs: `UNDEFINED_VALUE`, a forgotten `return`;
   * `NULL_AGGREGATE`.
   */
  aggregate<A extends Defined>(
    options: SessionAggregateOptions<K, V, A>,
  ): KTable<Windowed<K>, NonNullable<A>> {
    return this.handle.draft.handles.table(sessionAggregate(this.handle, this.windows, options));
  }

  /**
   * Counts the different ids of each key and session, exactly or, with `precision`, about.
   *
   * Emits: as `count`; a record that changes no count and no bounds tells nothing.
   * State: the ids of a session in its row, in the session store `name`, until stream time reaches
   * `endMs + gap + grace + retention`; with `precision` its registers. The bounds of a key's open
   * sessions lie in `name-open`.
   * Time: as `count`.
   * Drops: `null-key`; `null-value`, also where `by` gives null; `late`.
   * Restart: leaves no trace.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const clicks = builder.stream('clicks', { key: string(), value: string() }).groupByKey();
   * clicks
   *   .windowedBy(session('30 minutes', { grace: 0 }))
   *   .countDistinct((page) => page, { name: 'pages', id: string(), emit: onClose() })
   *   .toStream()
   *   .to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * for (const value of ['/a', '/b', '/a']) driver.send('clicks', { key: 'ann', value });
   * driver.send('clicks', { key: 'bob', value: '/a', timestamp: 7_200_000 });
   * driver.read('out').map(({ value }) => value); // => [2]
   * ```
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME`; `BAD_OPTION` for a bad `precision`.
   * @throws {ProcessingError} while it runs: `UNDEFINED_VALUE`.
   */
  countDistinct<Id>(
    by: IdSelector<K, V, Id>,
    options: SessionCountDistinctOptions<K, V, Id>,
  ): KTable<Windowed<K>, number> {
    const spec = { ...options, by };
    return this.handle.draft.handles.table(sessionCountDistinct(this.handle, this.windows, spec));
  }

  /**
   * The `n` values with the greatest scores of each key and session, best first. Of equal scores
   * the earlier one stands first; where sessions are joined, those of the earlier session.
   *
   * Emits: as `count`; a record that changes neither list nor bounds tells nothing.
   * State: one list per key and session in the session store `name`, until stream time reaches
   * `endMs + gap + grace + retention`; the bounds of a key's open sessions in `name-open`.
   * Time: as `count`.
   * Drops: `null-key`; `null-value`; `late`.
   * Restart: leaves no trace.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const bids = builder.stream('bids', { key: string(), value: number() }).groupByKey();
   * bids
   *   .windowedBy(session(5, { grace: 0 }))
   *   .topN(1, { name: 'best', by: (bid) => bid, emit: onClose() })
   *   .toStream()
   *   .to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * for (const [value, timestamp] of [[5, 1], [9, 2], [1, 20]] as const) {
   *   driver.send('bids', { key: 'lot', value, timestamp });
   * }
   * driver.read('out').map(({ value }) => value); // => [[{ value: 9, score: 9 }]]
   * ```
   * @throws {ConfigError} `BAD_OPTION` unless `n` is from 1 to 10,000.
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME`; `SERDE_MISSING`.
   * @throws {ProcessingError} while it runs: `BAD_SCORE`.
   */
  topN<S extends Score>(
    n: number,
    options: SessionTopNOptions<K, V, S>,
  ): KTable<Windowed<K>, readonly Ranked<V, S>[]> {
    const spec = { ...options, n };
    return this.handle.draft.handles.table(sessionTopN(this.handle, this.windows, spec));
  }
}
