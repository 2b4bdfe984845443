import type { SessionWindows } from '../core/model/session-windows.ts';
import type { Windowed } from '../core/model/windows.ts';
import type { Handle } from './internal/handle.ts';
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
}
