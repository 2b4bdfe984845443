import type { Topology } from '../core/topology/plan.ts';
import { string } from '../core/serde/string.ts';
import { eventSettings, liveTo, whereGiven } from './event-settings.ts';
import {
  eventTopology,
  type EventTopologyOptions,
  type LiveOutput,
  timedJsonEvents,
} from './events/event-topology.ts';
import { visitorOf } from './events/product-event.ts';
import { readyMade } from './ready-made.ts';
import { count, duration, positiveDuration, text, topic } from './settings.ts';
import type { TopItemsOptions } from './view-counts/top-items.ts';
import {
  type CountViewsOptions,
  type ViewCounts,
  viewCountsOf,
  type ViewedItem,
  type ViewersOptions,
} from './view-counts/view-counts-of.ts';

export { type EventContext, type ProductEvent, visitorOf } from './events/product-event.ts';
export type { EventInput, EventTopologyOptions, LiveOutput } from './events/event-topology.ts';
export type { TopItems, TopItemsOptions } from './view-counts/top-items.ts';
export { viewCountsOf } from './view-counts/view-counts-of.ts';
export type {
  CountViewsByItemOptions,
  CountViewsOptions,
  ViewCounts,
  ViewedItem,
  ViewersOptions,
} from './view-counts/view-counts-of.ts';

/** A topic of its own for different viewers per item and window. */
export interface ViewersOutput<V> extends ViewersOptions<V> {
  readonly topic: string;
}

/** A topic of its own for the list of each window. */
export interface TopItemsOutput extends TopItemsOptions {
  readonly topic: string;
}

export interface ViewCountsOptions<K, V>
  extends CountViewsOptions<K, V>, EventTopologyOptions<K, V> {
  /** The topic of the final counts: one record per item and window. */
  readonly final: string;
  /** Counts of open windows. Default: none are written. */
  readonly live?: LiveOutput;
  /** All views of each item since ever. Default: none are written. */
  readonly total?: LiveOutput;
  /** Default: none are counted. */
  readonly viewers?: ViewersOutput<V>;
  /** Default: no lists are made. */
  readonly top?: TopItemsOutput;
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
  const { builder, events } = eventTopology('view-counts', options);
  if ('item' in options) write(viewCountsOf<K, V, Item>(events, options), options);
  else write(viewCountsOf<K, V>(events, options), options);
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
    ...eventSettings('view-counts'),
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
    window: positiveDuration({ description: 'The size of the windows', default: '1m' }),
    grace: duration({ description: 'How late an event may come', default: '1m' }),
  },
  build({ input, type, live, total, viewers, precision, top, topN, topSlack, ...given }) {
    const { deadLetter, ...rest } = given;
    return viewCounts({
      ...rest,
      events: timedJsonEvents(input),
      isView: (event) => event.type === type,
      item: { of: (event) => event.context.page, key: string() },
      ...whereGiven({
        live: liveTo(live),
        total: liveTo(total),
        viewers:
          viewers === null ? null : { topic: viewers, of: visitorOf, ...whereGiven({ precision }) },
        top: top === null ? null : { topic: top, n: topN, slack: topSlack },
        deadLetter,
      }),
    });
  },
});
