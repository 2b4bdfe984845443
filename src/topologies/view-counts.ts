import type { Topology } from '../core/topology/plan.ts';
import { string } from '../core/serde/string.ts';
import type { EmitPolicy } from '../operators/internal/emit.ts';
import type { KStream } from '../operators/k-stream.ts';
import { TopologyBuilder } from '../operators/topology-builder.ts';
import { type EventInput, jsonEvents } from './events/event-input.ts';
import { visitorOf } from './events/product-event.ts';
import { readyMade } from './ready-made.ts';
import { count, duration, text, topic } from './settings.ts';
import type { TopItemsOptions } from './view-counts/top-items.ts';
import {
  type CountViewsOptions,
  type ViewCounts,
  viewCountsOf,
  type ViewedItem,
  type ViewersOptions,
} from './view-counts/view-counts-of.ts';

export { type EventContext, type ProductEvent, visitorOf } from './events/product-event.ts';
export type { EventInput } from './events/event-input.ts';
export type { TopItems, TopItemsOptions } from './view-counts/top-items.ts';
export { viewCountsOf } from './view-counts/view-counts-of.ts';
export type {
  CountViewsByItemOptions,
  CountViewsOptions,
  ViewCounts,
  ViewedItem,
  ViewersOptions,
} from './view-counts/view-counts-of.ts';

/** Where the events come from. */
export type ViewEvents<K, V> = EventInput<K, V>;

/** Running counts, while their windows are open. */
export interface LiveCounts {
  readonly topic: string;
  /** Default `onCommit()`: the counts that changed, once per commit. */
  readonly emit?: EmitPolicy;
}

/** A topic of its own for different viewers per item and window. */
export interface ViewersOutput<V> extends ViewersOptions<V> {
  readonly topic: string;
}

/** A topic of its own for the list of each window. */
export interface TopItemsOutput extends TopItemsOptions {
  readonly topic: string;
}

export interface ViewCountsOptions<K, V> extends CountViewsOptions<K, V> {
  /** Default `'view-counts'`. */
  readonly application?: string;
  readonly events: ViewEvents<K, V>;
  /** The topic of the final counts: one record per item and window. */
  readonly final: string;
  /** Default: none are written. */
  readonly live?: LiveCounts;
  /** All views of each item since ever. Default: none are written. */
  readonly total?: LiveCounts;
  /** Default: none are counted. */
  readonly viewers?: ViewersOutput<V>;
  /** Default: no lists are made. */
  readonly top?: TopItemsOutput;
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
 * Counts the views of each item in windows of event time: final counts, and what else is asked for:
 * live counts, totals, different viewers, the items with the most views.
 *
 * Emits: to `final` one count per item and window that saw a view, once the window has closed; to
 * `live.topic` and `total.topic` what their `emit` says; to the others as `viewCountsOf` does.
 * State: one number per item and open window in the store `views`, and in `live-views` for live
 * counts; for the others as `viewCountsOf` says.
 * Time: windows are `[startMs, endMs)` in epoch milliseconds; one closes when event time reaches
 * `endMs + grace`.
 * Drops: `null-key`, an event without an item; `late`, a view whose window has closed: both are
 * counted.
 * Restart: goes on where the last commit left off; under `'exactly-once'` no view is counted twice
 * or lost.
 * Rule: keys are written as Kafka Streams' `TimeWindowedSerializer` does, counts as its
 * `LongSerializer`. A list of the top is in the format of `ranking(...)`.
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
 * @throws {ConfigError} `BAD_DURATION`, `BAD_WINDOW`, `BAD_OPTION`.
 * @throws {TopologyError} `BAD_NAME` for the application or a topic.
 */
export function viewCounts<K, V, Item extends NonNullable<unknown>>(
  options: ViewCountsByItemOptions<K, V, Item>,
): Topology;
export function viewCounts<K, V>(options: ViewCountsOptions<K, V>): Topology;
export function viewCounts<K, V, Item extends NonNullable<unknown>>(
  options: ViewCountsOptions<K, V> | ViewCountsByItemOptions<K, V, Item>,
): Topology {
  const { application = 'view-counts', deadLetter, events } = options;
  const builder = new TopologyBuilder(application, deadLetter === undefined ? {} : { deadLetter });
  const { topic: input, ...source } = events;
  const all: KStream<K | null, V> = builder.stream(input, { ...source, name: 'events' });
  if ('item' in options) write(viewCountsOf<K, V, Item>(all, options), options);
  else write(viewCountsOf<K, V>(all, options), options);
  return builder.build();
}

function write<Item, K, V>(
  views: ViewCounts<Item, NonNullable<V>>,
  { final, live, total, viewers, top }: ViewCountsOptions<K, V>,
): void {
  views.final().to(final);
  if (live !== undefined) views.live(live.emit).to(live.topic);
  if (total !== undefined) views.total(total.emit).to(total.topic);
  if (viewers !== undefined) views.viewers(viewers).to(viewers.topic);
  if (top !== undefined) views.top(top).to(top.topic);
}

/** `millrace run millrace/topologies/view-counts`. */
export const viewCountsTopology = readyMade({
  name: 'view-counts',
  summary: 'Counts the views of each page per window: final, live, in total, by viewers, the top.',
  settings: {
    application: text({
      description: 'Names the group and the internal topics',
      default: 'view-counts',
    }),
    input: topic({ description: 'The topic of the events, in JSON' }),
    final: topic({ description: 'The topic of the final counts, one per page and window' }),
    live: topic({ description: 'The topic of the counts of open windows', default: null }),
    total: topic({ description: 'The topic of all views of each page', default: null }),
    viewers: topic({ description: 'The topic of different viewers', default: null }),
    precision: count(4, {
      description: 'Of HyperLogLog, 4 to 18, for viewers; without it they are counted exactly',
      default: null,
    }),
    top: topic({ description: 'The topic of the pages with the most views', default: null }),
    topN: count(1, { description: 'How many pages a list has', default: '10' }),
    topSlack: duration({
      description: 'How far one partition may be behind another, for lists',
      default: '1h',
    }),
    type: text({ description: 'The type of events that are views', default: 'page_view' }),
    window: duration({ description: 'The size of the windows', default: '1m' }),
    grace: duration({ description: 'How late an event may come', default: '1m' }),
    deadLetter: topic({
      description: 'The topic of events that cannot be decoded; without it one stops the worker',
      default: null,
    }),
  },
  build(settings) {
    const { application, input, final, type, window, grace } = settings;
    const { live, total, viewers, precision, top, topN, topSlack, deadLetter } = settings;
    return viewCounts({
      application,
      events: jsonEvents(input),
      isView: (event) => event.type === type,
      item: { of: (event) => event.context.page, key: string() },
      window,
      grace,
      final,
      ...(live === null ? {} : { live: { topic: live } }),
      ...(total === null ? {} : { total: { topic: total } }),
      ...(viewers === null
        ? {}
        : {
            viewers: {
              topic: viewers,
              of: visitorOf,
              ...(precision === null ? {} : { precision }),
            },
          }),
      ...(top === null ? {} : { top: { topic: top, n: topN, slack: topSlack } }),
      ...(deadLetter === null ? {} : { deadLetter }),
    });
  },
});
