import type { Duration } from '../../core/model/duration.ts';
import { session } from '../../core/model/session-windows.ts';
import { positive, type Windowed } from '../../core/model/windows.ts';
import { json } from '../../core/serde/json.ts';
import { sessionWindowed } from '../../core/serde/session-windowed.ts';
import { string } from '../../core/serde/string.ts';
import {
  type EmitPolicy,
  onClose,
  onCommit,
  type WindowedEmitPolicy,
} from '../../operators/internal/emit.ts';
import type { KStream } from '../../operators/k-stream.ts';
import type { KTable } from '../../operators/k-table.ts';
import type { SessionWindowedKStream } from '../../operators/session-windowed-k-stream.ts';
import { type ProductEvent, visitorOf } from '../events/product-event.ts';
import { isNotNull } from '../internal/is-not-null.ts';
import { cutLongSessions } from './cut-long-sessions.ts';
import { mergeVisits, noVisit, type SessionSummary, summaryOf, type Visit } from './visit.ts';

export interface SessionsOptions<Event extends ProductEvent> {
  /** Begins the names of nodes, stores and internal topics. Default `'sessions'`. */
  readonly name?: string;
  /** A pause longer than this ends a session. */
  readonly gap: Duration;
  /** How long after its gap a session still takes events, in event time. */
  readonly grace: Duration;
  /**
   * An event so long after the first one of its session begins another one. Default: only a gap
   * ends a session.
   */
  readonly maxLength?: Duration;
  /** Whose sessions. Default: the user, else the device. Null: dropped as `null-key`. */
  readonly visitor?: (event: Event) => string | null;
  /** Default: events of the type `page_view`. */
  readonly isPageView?: (event: Event) => boolean;
  /** Default: none is told. */
  readonly country?: (event: Event) => string | null;
}

/** The results of a session stage; each is made when it is asked for, and costs its own state. */
export interface Sessions {
  /** One summary per session, once it has ended. */
  final(): KStream<Windowed<string>, SessionSummary>;
  /**
   * The sessions as far as they have come. One that an event made longer, or merged, has a new key:
   * the old one leaves as a tombstone first. Default emission `onCommit()`.
   */
  live(emit?: EmitPolicy): KStream<Windowed<string>, SessionSummary | null>;
}

/**
 * Cuts the events of each visitor into sessions by pauses, and summarises each.
 *
 * Emits: `final()` one summary per session, once event time has reached its last event, `gap`,
 * `grace` and one millisecond; `live()` what its emission policy says. Both under the visitor and
 * the bounds of the session.
 * State: a few hundred bytes per open session in the session store `name`, and as much in
 * `live-<name>` for live ones; events pass the topic `<application>-<name>-by-visitor-repartition`.
 * Time: records have the times of their events, as `timestamp: valueTime(...)` of the source gives
 * them. In whatever order events come inside the grace, the summary is the same: entry and exit go
 * by `timestampMs`, then by event id, compared by its UTF-16 code units.
 * Length: with `maxLength` an event that comes so long after the first of its session, or later,
 * begins another one. Events are then held back for the grace, in the store `<name>-in-order`, and
 * taken in the order of their times, so that live summaries are behind by as much.
 * Drops: `null-key`, an event of nobody; `late`, one whose session has ended, and with `maxLength`
 * one that is further behind than the grace.
 * Restart: leaves no trace; under `'at-least-once'` replayed events may count twice.
 *
 * @example
 * ```ts
 * const builder = new TopologyBuilder('docs');
 * const events = builder.stream('events', {
 *   key: string(),
 *   value: json<ProductEvent>(),
 *   timestamp: valueTime<ProductEvent>((event) => event.timestampMs),
 * });
 * sessionsOf(events, { gap: '30 minutes', grace: '1 minute' }).final().to('sessions');
 * const driver = new TopologyTestDriver(builder.build());
 * const view = (userId: string, page: string, timestampMs: number) => {
 *   const context = { ip: null, userAgent: null, locale: null, page, referrer: null };
 *   const who = { userId, anonymousId: null, sessionId: null };
 *   const id = `${userId}-${timestampMs}`;
 *   const value = { id, type: 'page_view', ...who, timestampMs, context, properties: {} };
 *   driver.send('events', { key: userId, value });
 * };
 * view('ann', '/b', 60_000);
 * view('ann', '/a', 0);
 * view('bob', '/', 7_200_000);
 * const [ended] = driver.read<Windowed<string>, SessionSummary>('sessions');
 * [ended?.value?.entryPage, ended?.value?.exitPage]; // => ['/a', '/b']
 * [ended?.value?.pageViews, ended?.value?.durationMs]; // => [2, 60_000]
 * ```
 * @throws {ConfigError} `BAD_WINDOW` for a gap or length of 0; `BAD_DURATION`.
 * @throws {TopologyError} from `build()`: `DUPLICATE_NAME`, `BAD_NAME`.
 */
export function sessionsOf<K, Event extends ProductEvent>(
  events: KStream<K, Event>,
  options: SessionsOptions<Event>,
): Sessions {
  const { name = 'sessions', gap, grace, maxLength, visitor = visitorOf } = options;
  const visitors = events.groupBy((event) => visitor(event), {
    name: `${name}-by-visitor`,
    key: string(),
  });
  const ofEvent = visitMaker(options);
  if (maxLength === undefined) {
    return madeOf(name, (node, emit) =>
      summaries(visitors.windowedBy(session(gap, { grace })), node, {
        emit,
        ofEvent,
        visitor: (key) => key,
      }).toStream(),
    );
  }
  const { gapMs, graceMs } = session(gap, { grace });
  const maxLengthMs = positive('maxLength', maxLength);
  const parts = cutLongSessions(visitors, { name, gapMs, graceMs, maxLengthMs });
  const serdes = { key: sessionWindowed(string()), value: json<SessionSummary>() };
  return madeOf(name, (node, emit) =>
    summaries(parts.windowedBy(session(gap, { grace })), node, {
      emit,
      ofEvent,
      visitor: ([key]) => key,
    })
      .toStream()
      .map((value, { key: [key], startMs, endMs }) => ({ key: { key, startMs, endMs }, value }), {
        ...serdes,
      }),
  );
}

type MakeStream = (
  node: string,
  emit: WindowedEmitPolicy,
) => KStream<Windowed<string>, SessionSummary | null>;

function madeOf(name: string, make: MakeStream): Sessions {
  return {
    final: () => make(name, onClose()).filter(isNotNull),
    live: (emit = onCommit()) => make(`live-${name}`, emit),
  };
}

interface Summing<K, Event> {
  readonly emit: WindowedEmitPolicy;
  readonly ofEvent: (event: Event) => Visit;
  readonly visitor: (key: K) => string;
}

function summaries<K, Event>(
  windowed: SessionWindowedKStream<K, Event>,
  name: string,
  { emit, ofEvent, visitor }: Summing<K, Event>,
): KTable<Windowed<K>, SessionSummary> {
  const visits = windowed.aggregate({
    name,
    initializer: () => noVisit,
    aggregator: (visit, event) => mergeVisits(visit, ofEvent(event)),
    merger: mergeVisits,
    value: json<Visit>(),
    emit,
  });
  const value = json<SessionSummary>();
  return visits.mapValues((visit, { key }) => summaryOf(visitor(key), visit), { value });
}

/** The visit of a single event. */
function visitMaker<Event extends ProductEvent>({
  isPageView = ({ type }) => type === 'page_view',
  country = () => null,
}: SessionsOptions<Event>): (event: Event) => Visit {
  return (event) => {
    const { id, timestampMs } = event;
    const { page, referrer } = event.context;
    const from = country(event);
    const seen = isPageView(event) ? { timestampMs, id, page, referrer } : null;
    return {
      startMs: timestampMs,
      endMs: timestampMs,
      events: 1,
      pageViews: seen === null ? 0 : 1,
      entry: seen,
      exit: seen,
      origin: from === null ? null : { timestampMs, id, country: from },
    };
  };
}
