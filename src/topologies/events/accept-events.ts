import type { Duration } from '../../core/model/duration.ts';
import { json } from '../../core/serde/json.ts';
import { string } from '../../core/serde/string.ts';
import { valueTime } from '../../operators/internal/timestamps.ts';
import type { KStream } from '../../operators/k-stream.ts';
import type { StreamOptions } from '../../operators/stream-source.ts';
import type { EventFormat } from './event-format.ts';
import type { EventRules } from './event-rules.ts';
import { snakeCase } from './formats.ts';
import { isAccepted, isQuarantined, judgeEvents } from './judge-events.ts';
import { type ProductEvent, visitorOf } from './product-event.ts';
import { originalOf, type QuarantinedEvent } from './quarantined-event.ts';

/** How events that come more than once are known. */
export interface EventDeduplication {
  /** Events of one visitor and one id, less than this apart, are one. Above 0. */
  readonly within: Duration;
  /** How far behind the time of the visitors' topic an event is judged. Default: `within`. */
  readonly grace?: Duration;
}

export interface AcceptEventsOptions extends EventRules {
  /** Default `'intake'`: names the stage's node, and begins the names of what it needs besides. */
  readonly name?: string;
  /** Default `snakeCase`. */
  readonly format?: EventFormat;
  /**
   * How far behind the time of its partition an event may be; one further behind is quarantined.
   * It is decided where the events are read, so that a second run decides the same. Default
   * `'off'`: none is too late.
   */
  readonly grace?: Duration | 'off';
  /** Default: none. Costs one repartition, and a time per event id. */
  readonly deduplicate?: EventDeduplication;
}

/** What came of the events. */
export interface AcceptedEvents<K> {
  /** Keyed by visitor: the user id, else the anonymous id, else the event's own. */
  readonly accepted: KStream<string, ProductEvent>;
  /** Under the key they were sent with. */
  readonly quarantined: KStream<K, QuarantinedEvent>;
  /** Quarantined by the deduplication, which they came too late for; null without one. */
  readonly late: KStream<string, QuarantinedEvent> | null;
}

/** A source as any other, but for its time. */
export type EventSourceOptions<K> = Omit<StreamOptions<K, unknown, 'drop'>, 'timestamp'>;

/**
 * The options of a source of events: time is the event's own. One without a readable time takes
 * that of its partition, so that it reaches the quarantine and advances nothing.
 *
 * @example
 * ```ts
 * const builder = new TopologyBuilder('docs');
 * const source = eventSource(snakeCase, { key: string(), value: json<unknown>() });
 * builder.stream('events', source).to('out');
 * const driver = new TopologyTestDriver(builder.build());
 * driver.send('events', { key: 'a', value: { timestamp: '1970-01-01T00:00:01Z' } });
 * driver.read('out').map(({ timestamp }) => timestamp); // => [1000]
 * ```
 */
export function eventSource<K>(
  format: EventFormat,
  options: EventSourceOptions<K>,
): StreamOptions<K, unknown, 'drop'> {
  const timeOf = (sent: unknown, _key: K | null, partitionTimeMs: number) =>
    format.timeOf(sent) ?? Math.max(partitionTimeMs, 0);
  return { ...options, timestamp: valueTime<unknown, K>(timeOf) };
}

/**
 * Sorts events into those that obey the rules, keyed by visitor, and those that do not, with their
 * reasons.
 *
 * Emits: to `accepted` each event that breaks no rule, and with `deduplicate` only the first of an
 * id; to `quarantined` each other one, once, with all its reasons and where it was read, at the
 * time the log gave it.
 * State: none; with `deduplicate` in the store `<name>-ids` the time of each event until time has
 * passed it by `within` and `grace`. A resent event has the same visitor, so that one repartition
 * by visitor, the topic `<name>-by-visitor`, serves the deduplication and all that is counted per
 * visitor behind it.
 * Time: that of the stream, which `eventSource` makes the events' own.
 * Drops: `duplicate`; `late`, for the deduplication, also given to `late`. What is quarantined is
 * no drop: it is counted as `quarantined`.
 * Restart: leaves no trace; under `'exactly-once'` each event is accepted or quarantined once.
 *
 * @example
 * ```ts
 * const builder = new TopologyBuilder('docs');
 * const source = eventSource(snakeCase, { key: string(), value: json<unknown>() });
 * const { accepted, quarantined } = acceptEvents(builder.stream('raw', source));
 * accepted.to('events', { key: string(), value: json<ProductEvent>() });
 * quarantined.to('quarantine', { key: string(), value: json<QuarantinedEvent>() });
 * const driver = new TopologyTestDriver(builder.build());
 * const event = { event_id: '1', event_type: 'page_view', user_id: 'ann', timestamp: 5 };
 * driver.send('raw', [{ key: 'x', value: event }, { key: 'x', value: { ...event, user_id: [] } }]);
 * driver.read<string, ProductEvent>('events').map(({ key, value }) => [key, value.type]);
 * // => [['ann', 'page_view']]
 * const [bad] = driver.read<string, QuarantinedEvent>('quarantine');
 * bad?.value?.reasons; // => [{ rule: 'type', path: 'user_id', message: 'it is to be text' }]
 * ```
 * @throws {ConfigError} `BAD_DURATION`, `BAD_WINDOW`.
 * @throws {TopologyError} from `build()`: `DUPLICATE_NAME`, `BAD_NAME`.
 */
export function acceptEvents<K>(
  events: KStream<K, unknown>,
  options: AcceptEventsOptions = {},
): AcceptedEvents<K> {
  const { name = 'intake', format = snakeCase, deduplicate } = options;
  const judged = judgeEvents(events, name, { ...options, format });
  const quarantined = judged
    .filter(isQuarantined)
    .mapValues((event) => event, { value: json<QuarantinedEvent>() });
  const accepted = judged
    .filter(isAccepted)
    .map((event) => ({ key: visitorOf(event) ?? event.id, value: event }), serdes);
  if (deduplicate === undefined) return { accepted, quarantined, late: null };
  return { ...firstOnes(accepted, name, deduplicate), quarantined };
}

const serdes = { key: string(), value: json<ProductEvent>() };

/** A resent event is the same event, so it has the same visitor: one hop is enough. */
function firstOnes(
  events: KStream<string, ProductEvent>,
  name: string,
  { within, grace }: EventDeduplication,
) {
  let late: KStream<string, QuarantinedEvent> | null = null;
  const accepted = events.repartition({ name: `${name}-by-visitor`, ...serdes }).deduplicate({
    name: `${name}-ids`,
    // With the visitor: whether two ids meet must not depend on the number of partitions.
    by: (event, visitor) => [visitor, event.id],
    within,
    ...(grace === undefined ? {} : { grace }),
    late: (stream) => {
      late = stream.mapValues(tooLate, { value: json<QuarantinedEvent>() });
    },
  });
  return { accepted, late };
}

/** Where it was sent is not known any more behind the repartition. */
function tooLate(event: ProductEvent): QuarantinedEvent {
  const message = 'it came too late to know whether it came before';
  return {
    reasons: [{ rule: 'late', path: '', message }],
    original: originalOf(event),
    from: null,
  };
}
