import type { Duration } from '../core/model/duration.ts';
import { tumbling } from '../core/model/windows.ts';
import type { Serde } from '../core/serde/serde.ts';
import type { Topology } from '../core/topology/plan.ts';
import { type EmitPolicy, onClose, onCommit } from '../operators/internal/emit.ts';
import type { KGroupedStream } from '../operators/k-grouped-stream.ts';
import type { KStream } from '../operators/k-stream.ts';
import type { StreamOptions } from '../operators/stream-source.ts';
import { TopologyBuilder } from '../operators/topology-builder.ts';

/** Where the events come from. */
export interface ViewEvents<K, V> extends Omit<StreamOptions<K, V>, 'name' | 'tombstones'> {
  readonly topic: string;
}

/** What was viewed, where the events are not keyed by it: they are then repartitioned. */
export interface ViewedItem<K, V, Item extends NonNullable<unknown>> {
  /** Null: no item; the record is dropped as `null-key`. */
  readonly of: (value: V, key: K | null) => Item | null;
  readonly key: Serde<Item>;
}

/** Running counts, while their windows are open. */
export interface LiveCounts {
  readonly topic: string;
  /** Default `onCommit()`: the counts that changed, once per commit. */
  readonly emit?: EmitPolicy;
}

export interface ViewCountsOptions<K, V> {
  /** Default `'view-counts'`. */
  readonly application?: string;
  readonly events: ViewEvents<K, V>;
  /** Which events are views. Default: all of them. */
  readonly isView?: (value: V, key: K | null) => boolean;
  /** The size of the windows. */
  readonly window: Duration;
  /** How long after its end, in event time, a window still takes views. */
  readonly grace: Duration;
  /** The topic of the final counts: one record per item and window. */
  readonly final: string;
  /** Default: none are written. */
  readonly live?: LiveCounts;
  /** The topic of events that cannot be decoded. Default: such an event stops the worker. */
  readonly deadLetter?: string;
}

export interface ViewCountsByItemOptions<
  K,
  V,
  Item extends NonNullable<unknown>,
> extends ViewCountsOptions<K, V> {
  readonly item: ViewedItem<K, V, Item>;
}

/**
 * Counts the views of each item in windows of event time: final counts, and live ones if asked for.
 *
 * Emits: to `final` one count per item and window that saw a view, once the window has closed; to
 * `live.topic` what `live.emit` says.
 * State: one number per item and open window in the store `views`, and in `live-views` for live
 * counts.
 * Time: windows are `[startMs, endMs)` in epoch milliseconds; one closes when event time reaches
 * `endMs + grace`.
 * Drops: `null-key`, an event without an item; `late`, a view whose window has closed: both are
 * counted.
 * Restart: goes on where the last commit left off; under `'exactly-once'` no view is counted twice
 * or lost.
 * Rule: keys are written as Kafka Streams' `TimeWindowedSerializer` does, counts as its
 * `LongSerializer`.
 *
 * @example Events keyed by the page: no repartition.
 * ```ts
 * const topology = viewCounts({
 *   events: { topic: 'views', key: string(), value: json<{ status: number }>() },
 *   isView: (view) => view.status === 200,
 *   window: '1 minute',
 *   grace: '10s',
 *   final: 'views-per-minute',
 * });
 * const driver = new TopologyTestDriver(topology);
 * const view = (key: string, timestamp: number, status = 200) =>
 *   driver.send('views', { key, value: { status }, timestamp });
 * view('/a', 1_000);
 * view('/a', 59_999);
 * view('/a', 2_000, 404);
 * view('/b', 69_999);
 * driver.read('views-per-minute').length; // => 0
 * view('/b', 70_000);
 * const final = driver.read<Windowed<string>, number>('views-per-minute');
 * final.map(({ key, value }) => [key.key, key.startMs, value]); // => [['/a', 0, 2]]
 * view('/a', 3_000);
 * driver.dropped('late'); // => 1
 * ```
 * @example Events keyed by something else, with live counts.
 * ```ts
 * const topology = viewCounts({
 *   events: { topic: 'events', key: string(), value: json<{ page: string }>() },
 *   item: { of: (event) => event.page, key: string() },
 *   window: '1 minute',
 *   grace: 0,
 *   final: 'final',
 *   live: { topic: 'live', emit: onUpdate() },
 * });
 * const driver = new TopologyTestDriver(topology);
 * driver.send('events', { key: 'ann', value: { page: '/a' }, timestamp: 5 });
 * driver.send('events', { key: 'bob', value: { page: '/a' }, timestamp: 6 });
 * const live = driver.read<Windowed<string>, number>('live');
 * live.map(({ key, value }) => [key.key, value]); // => [['/a', 1], ['/a', 2]]
 * ```
 * @throws {ConfigError} `BAD_DURATION`, `BAD_WINDOW`.
 * @throws {TopologyError} `BAD_NAME` for the application or a topic.
 */
export function viewCounts<K, V, Item extends NonNullable<unknown>>(
  options: ViewCountsByItemOptions<K, V, Item>,
): Topology;
export function viewCounts<K, V>(options: ViewCountsOptions<K, V>): Topology;
export function viewCounts<K, V, Item extends NonNullable<unknown>>(
  options: ViewCountsOptions<K, V> | ViewCountsByItemOptions<K, V, Item>,
): Topology {
  const { application = 'view-counts', deadLetter, events, isView } = options;
  const builder = new TopologyBuilder(application, deadLetter === undefined ? {} : { deadLetter });
  const { topic, ...source } = events;
  const all: KStream<K | null, V> = builder.stream(topic, { ...source, name: 'events' });
  const views = isView === undefined ? all : all.filter((value, key) => isView(value, key));
  if ('item' in options) {
    const { of, key } = options.item;
    const selected = views.groupBy(of, { name: 'by-item', key });
    count(selected, options);
  } else {
    count(views.groupByKey(), options);
  }
  return builder.build();
}

type Output = Pick<ViewCountsOptions<never, never>, 'window' | 'grace' | 'final' | 'live'>;

function count<Item, V>(
  views: KGroupedStream<Item, V>,
  { window, grace, final, live }: Output,
): void {
  const windowed = views.windowedBy(tumbling(window, { grace }));
  windowed.count({ name: 'views', emit: onClose() }).toStream().to(final);
  if (live === undefined) return;
  const emit = live.emit ?? onCommit();
  windowed.count({ name: 'live-views', emit }).toStream().to(live.topic);
}
