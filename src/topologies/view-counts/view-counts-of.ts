import type { Duration } from '../../core/model/duration.ts';
import { tumbling, type Windowed } from '../../core/model/windows.ts';
import type { Serde } from '../../core/serde/serde.ts';
import { string } from '../../core/serde/string.ts';
import { type EmitPolicy, onClose, onCommit } from '../../operators/internal/emit.ts';
import { resolveSerde } from '../../operators/internal/resolve-serde.ts';
import type { KGroupedStream } from '../../operators/k-grouped-stream.ts';
import type { KStream } from '../../operators/k-stream.ts';
import { isNotNull } from '../internal/is-not-null.ts';
import { topItems, type TopItems, type TopItemsOptions } from './top-items.ts';

/** What was viewed, where the events are not keyed by it: they are then repartitioned. */
export interface ViewedItem<K, V, Item extends NonNullable<unknown>> {
  /** Null: no item; the record is dropped as `null-key`. */
  readonly of: (value: V, key: K | null) => Item | null;
  readonly key: Serde<Item>;
}

export interface CountViewsOptions<K, V> {
  /** Ends the names of nodes, stores and internal topics. Default `'views'`. */
  readonly name?: string;
  /** Which events are views. Default: all of them. */
  readonly isView?: (value: V, key: K | null) => boolean;
  /** The size of the windows. */
  readonly window: Duration;
  /** How long after its end, in event time, a window still takes views. */
  readonly grace: Duration;
}

export interface CountViewsByItemOptions<
  K,
  V,
  Item extends NonNullable<unknown>,
> extends CountViewsOptions<K, V> {
  readonly item: ViewedItem<K, V, Item>;
}

/** Who viewed. */
export interface ViewersOptions<V> {
  /** Null: nobody knows; the view is dropped as `null-value` here, and counts elsewhere. */
  readonly of: (value: V) => string | null;
  /**
   * From 4 to 18: about, by HyperLogLog, with a standard error of `1.04 / sqrt(2^precision)`.
   * Default: exactly.
   */
  readonly precision?: number;
}

/** The results of counting views; each is made when it is asked for, and costs its own state. */
export interface ViewCounts<Item, V> {
  /** One count per item and window, once the window has closed. Node `name`. */
  final(): KStream<Windowed<Item>, number>;
  /** Counts of open windows. Default emission `onCommit()`. Node `live-<name>`. */
  live(emit?: EmitPolicy): KStream<Windowed<Item>, number>;
  /** All views of an item since ever; never removed. Default `onCommit()`. Node `total-<name>`. */
  total(emit?: EmitPolicy): KStream<Item, number>;
  /** Different viewers per item and window, once it has closed. Node `unique-<name>`. */
  viewers(options: ViewersOptions<V>): KStream<Windowed<Item>, number>;
  /** The items of a window with the most views, made of `final()`'s counts. Node `top-<name>`. */
  top(options: TopItemsOptions): KStream<Windowed<string>, TopItems<Item>>;
}

/**
 * Counts the views of each item: per window, in total, by different viewers; and lists the top.
 *
 * Emits: `final()`, `viewers()` and `top()` once per window, when it has closed; `live()` and
 * `total()` what their emission policies say. `top()` has one list per window, under the key
 * `'all'` and the window: most views first, of equal ones the lesser encoded key.
 * State: a number per item and open window for each of `final()` and `live()`; with `viewers()` an
 * entry per viewer besides, or registers with `precision`; with `top()` a list per window; with
 * `total()` a number per item for ever.
 * Time: windows are `[startMs, endMs)` in epoch milliseconds; one closes when event time reaches
 * `endMs + grace`. The lists of `top()` wait for partitions that are behind: until the counts' own
 * time, that of their last views, reaches `endMs + slack`.
 * Drops: `null-key`, an event without an item; `late`, a view whose window has closed, or a count
 * that comes for its list after the slack.
 * Restart: leaves no trace; under `'at-least-once'` replayed views may count twice.
 *
 * @example
 * ```ts
 * const builder = new TopologyBuilder('docs');
 * const events = builder.stream('views', { key: string(), value: json<{ user: string }>() });
 * const views = viewCountsOf(events, { window: '1 minute', grace: 0 });
 * views.viewers({ of: ({ user }) => user }).to('viewers');
 * views.top({ n: 1, slack: 0 }).to('top');
 * const driver = new TopologyTestDriver(builder.build());
 * const view = (key: string, user: string, timestamp: number) =>
 *   driver.send('views', { key, value: { user }, timestamp });
 * view('/a', 'ann', 1);
 * view('/a', 'ann', 2);
 * view('/b', 'bob', 3);
 * view('/b', 'bob', 60_000);
 * driver.read<Windowed<string>, number>('viewers').map(({ key, value }) => [key.key, value]);
 * // => [['/a', 1], ['/b', 1]]
 * view('/b', 'bob', 120_000);
 * driver.read('top').map(({ value }) => value); // => [[{ value: '/a', score: 2 }]]
 * ```
 * @throws {ConfigError} `BAD_DURATION`, `BAD_WINDOW`; `BAD_OPTION` for an `n` that is no whole
 * number from 1 to 10,000.
 * @throws {TopologyError} from `build()`: `DUPLICATE_NAME`, `BAD_NAME`; `BAD_OPTION` for a bad
 * `precision`.
 */
export function viewCountsOf<K, V, Item extends NonNullable<unknown>>(
  events: KStream<K, V> | KStream<K | null, V>,
  options: CountViewsByItemOptions<K, V, Item>,
): ViewCounts<Item, NonNullable<V>>;
export function viewCountsOf<K, V>(
  events: KStream<K, V> | KStream<K | null, V>,
  options: CountViewsOptions<K, V>,
): ViewCounts<NonNullable<K>, NonNullable<V>>;
export function viewCountsOf<K, V>(
  events: KStream<K | null, V>,
  options: CountViewsOptions<K, V> | CountViewsByItemOptions<K, V, NonNullable<unknown>>,
): ViewCounts<NonNullable<unknown>, NonNullable<V>> {
  const { isView } = options;
  const views = isView === undefined ? events : events.filter(isView);
  const isByItem = 'item' in options;
  const grouped: KGroupedStream<NonNullable<unknown>, NonNullable<V>> = isByItem
    ? views.groupBy(options.item.of, { name: groupName(options), key: options.item.key })
    : views.groupByKey();
  return counted(grouped, options);
}

/** Of the group by items: views that are counted in two ways have two. */
function groupName({ name = 'views' }: CountViewsOptions<never, never>): string {
  return name === 'views' ? 'by-item' : `${name}-by-item`;
}

function counted<Item, V>(
  views: KGroupedStream<Item, V>,
  { name = 'views', window, grace }: CountViewsOptions<never, never>,
): ViewCounts<Item, V> {
  const windowed = views.windowedBy(tumbling(window, { grace }));
  let counts: KStream<Windowed<Item>, number> | null = null;
  // One node, whether counts are asked for, or lists of them, or both.
  const final = () => {
    counts ??= windowed.count({ name, emit: onClose() }).toStream().filter(isNotNull);
    return counts;
  };
  return {
    final,
    live: (emit = onCommit()) =>
      windowed
        .count({ name: `live-${name}`, emit })
        .toStream()
        .filter(isNotNull),
    total: (emit = onCommit()) =>
      views
        .count({ name: `total-${name}`, emit })
        .toStream()
        .filter(isNotNull),
    viewers({ of, ...precision }) {
      const distinct = { name: `unique-${name}`, id: string(), emit: onClose(), ...precision };
      return windowed.countDistinct(of, distinct).toStream().filter(isNotNull);
    },
    top(options) {
      const node = `top-${name}`;
      const item = resolveSerde('key', undefined, views.handle, node) as Serde<Item>; // its own key
      return topItems(final(), { ...options, name: node, item, window });
    },
  };
}
