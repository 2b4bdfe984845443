import type { SlidingWindows } from '../core/model/sliding-windows.ts';
import type { TimeWindows, Windowed } from '../core/model/windows.ts';
import type { CogroupInput } from './internal/cogrouped.ts';
import type { KTable } from './k-table.ts';
import type { WindowedCogroupOptions } from './internal/windowed-cogroup-options.ts';
import { windowedCogroup } from './windowed-cogroup.ts';

/** Several grouped streams with one aggregate, cut into windows. */
export class TimeWindowedCogroupedKStream<K, V, A> {
  /** @internal */
  constructor(
    /** @internal */
    readonly inputs: readonly CogroupInput[],
    /** @internal */
    readonly windows: TimeWindows | SlidingWindows,
  ) {}

  /**
   * Folds the values of each key and window, of all streams, into an aggregate that starts from the
   * initializer, in the order in which the task takes the records.
   *
   * Emits: with `onUpdate()` the new row for each accepted record; with `onClose()` one row per
   * window, once it has closed; `onCommit()` and `every()` fold.
   * State: one row per key and window in the window store `name`, until stream time reaches
   * `endMs + grace + retention`; an aggregator that returns `null` deletes it, and it emits
   * nothing.
   * Time: windows are `[startMs, endMs)` in epoch milliseconds. The streams have one stream time. A
   * record advances it first and is judged after. A row has the greatest timestamp of its records.
   * Drops: `null-key`; `null-value`; `late`, once stream time has reached `endMs + grace` of all
   * the record's windows. With `late: (stream) => ...` that stream gets such records as well.
   * Restart: leaves no trace; under `'at-least-once'` replayed records may count twice.
   *
   * @example
   * ```ts
   * const builder = new TopologyBuilder('docs');
   * const views = builder.stream('views', { key: string(), value: string() }).groupByKey();
   * const clicks = builder.stream('clicks', { key: string(), value: number() }).groupByKey();
   * views
   *   .cogroup(([seen, clicked]: readonly [number, number]) => [seen + 1, clicked] as const)
   *   .cogroup(clicks, ([seen, clicked], times) => [seen, clicked + times] as const)
   *   .windowedBy(tumbling(10, { grace: 0 }))
   *   .aggregate({
   *     name: 'rates',
   *     initializer: () => [0, 0] as const,
   *     value: json<readonly [number, number]>(),
   *   })
   *   .toStream()
   *   .to('out');
   * const driver = new TopologyTestDriver(builder.build());
   * driver.send('views', { key: '/', value: 'ann', timestamp: 1 });
   * driver.send('clicks', { key: '/', value: 2, timestamp: 3 });
   * driver.read('out').map(({ value }) => value); // => [[1, 0], [1, 2]]
   * ```
   * @throws {TopologyError} from `build()`: `DUPLICATE_NAME` if another node or store is called
   * `name`; see `cogroup`.
   * @throws {ProcessingError} while it runs: `UNDEFINED_VALUE`, a forgotten `return`.
   */
  aggregate(options: WindowedCogroupOptions<K, V, A>): KTable<Windowed<K>, A> {
    const handle = windowedCogroup(this.inputs, this.windows, options);
    return handle.draft.handles.table(handle);
  }
}
