import type { SessionWindows } from '../core/model/session-windows.ts';
import type { Windowed } from '../core/model/windows.ts';
import type { CogroupInput } from './internal/cogrouped.ts';
import type { KTable } from './k-table.ts';
import { sessionCogroup, type SessionCogroupOptions } from './session-cogroup.ts';

/** Several grouped streams with one aggregate, cut into sessions. */
export class SessionWindowedCogroupedKStream<K, V, A> {
  /** @internal */
  constructor(
    /** @internal */
    readonly inputs: readonly CogroupInput[],
    /** @internal */
    readonly windows: SessionWindows,
  ) {}

  /**
   * Folds the values of all streams into one aggregate per key and session; the merger combines the
   * aggregates of sessions that a record has joined.
   *
   * Emits: as the `aggregate` of sessions of one stream.
   * State: one row per key and session in the session store `name`, until stream time reaches
   * `endMs + gap + grace + retention`; the bounds of a key's open sessions in `name-open`.
   * Time: the streams have one stream time; a session is of the records of all of them.
   * Drops: `null-key`; `null-value`; `late`. With `late: (stream) => ...` that stream gets the late
   * records of all streams.
   * Restart: leaves no trace; under `'at-least-once'` replayed records may count twice.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const source = { key: string(), value: number() };
   * const ups = builder.stream('ups', source).groupByKey();
   * const downs = builder.stream('downs', source).groupByKey();
   * ups
   *   .cogroup((sum: number, up) => sum + up)
   *   .cogroup(downs, (sum, down) => sum - down)
   *   .windowedBy(session(5, { grace: 0 }))
   *   .aggregate({
   *     name: 'sums',
   *     initializer: () => 0,
   *     merger: (earlier, later) => earlier + later,
   *     value: number(),
   *     emit: onClose(),
   *   })
   *   .toStream()
   *   .to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('ups', { key: 'a', value: 5, timestamp: 1 });
   * driver.send('downs', { key: 'a', value: 3, timestamp: 4 });
   * driver.send('ups', { key: 'b', value: 1, timestamp: 20 });
   * driver.read('out').map(({ value }) => value); // => [2]
   * ```
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME` if another node or store is called
   * `name`.
   * @throws {ProcessingError} while it runs: `UNDEFINED_VALUE`; `NULL_AGGREGATE`.
   */
  aggregate(options: SessionCogroupOptions<K, V, A>): KTable<Windowed<K>, A> {
    const handle = sessionCogroup(this.inputs, this.windows, options);
    return handle.draft.handles.table(handle);
  }
}
