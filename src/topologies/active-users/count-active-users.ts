import { type Duration, durationMs } from '../../core/model/duration.ts';
import { ConfigError } from '../../core/model/errors.ts';
import type { Weekday } from '../../core/model/calendar.ts';
import type { Windowed } from '../../core/model/windows.ts';
import { defaultPartition } from '../../core/log/murmur2.ts';
import { json } from '../../core/serde/json.ts';
import { type EmitPolicy, onClose } from '../../operators/internal/emit.ts';
import type { KnownSerdes } from '../../operators/internal/serdes.ts';
import type { KStream } from '../../operators/k-stream.ts';
import type { KTable } from '../../operators/k-table.ts';
import { type ProductEvent, visitorOf } from '../events/product-event.ts';
import { approximateCounts, type CountPeriod, exactCounts, sketches, sketchKey } from './counts.ts';
import { firstVisits } from './first-visits.ts';
import { allPeriods, type Calendar, type CountNames, countNames, type Period } from './periods.ts';
import { openVisits } from './visits.ts';

export interface CountActiveUsersOptions<Event, P extends Period = Period> {
  /** Begins the names of nodes, stores and internal topics. Default `'active-users'`. */
  readonly name?: string;
  /** The IANA time zone of the calendar, as `'Europe/Berlin'`. */
  readonly zone: string;
  /** Default `'monday'`. */
  readonly weekStart?: Weekday;
  /** Default: all three. */
  readonly periods?: readonly P[];
  /** How long after its end, in event time of a partition, a period still takes its events. */
  readonly grace: Duration;
  /**
   * How far apart in event time tasks may be that do the same work, while they catch up, say. Final
   * counts wait for twice as long; what is further apart is dropped as `late`. Default 1 day.
   */
  readonly skew?: Duration;
  /** Who it was; null: nobody can tell. Default: the user if known, else the device. */
  readonly user?: (event: Event) => string | null;
  /**
   * What is counted apart, as the country; null: the event does not count. A user with several
   * counts in each of them. Default: everything is one, `'all'`.
   */
  readonly by?: (event: Event) => string | null;
  /** `'approximate'`: by HyperLogLog, with a standard error of 0.41 %. Default `'exact'`. */
  readonly distinct?: 'exact' | 'approximate';
}

/** When counts leave that are not final. */
export interface LiveOption {
  /** As `onCommit()`: the counts that changed, once per commit. */
  readonly live: EmitPolicy;
}

/** Tables of the users by what is counted apart, and by period: `daily`, `weekly`, `monthly`. */
export type ActiveUsers<P extends Period = Period> = {
  readonly [Own in P as CountNames[Own]]: KTable<Windowed<string>, number>;
};

/** The same, and the counts while they grow. */
export type LiveActiveUsers<P extends Period = Period> = ActiveUsers<P> & {
  readonly live: ActiveUsers<P>;
};

/** A count of users, as a row to write. */
export interface ActiveUserCount {
  readonly period: Period;
  /** What was counted apart; `'all'` where nothing was. */
  readonly by: string;
  /** The period, half-open, epoch milliseconds. */
  readonly startMs: number;
  readonly endMs: number;
  readonly users: number;
}

export const defaultSkew = '1 day';

/**
 * Counts the users of each day, week and month of a time zone: a user once, however many events.
 *
 * Weeks and months are those of the calendar. Exactly, in two steps: the first event of a user in a
 * period is found where all events of the user come together, then these are counted. So events are
 * spread over all tasks by user, and only one record per user and period meets the others. About:
 * users are spread over 16 sketches of each period, which are added up.
 *
 * Emits: one count per period once it has closed, in `daily`, `weekly`, `monthly`; with `live` the
 * growing counts in `live.daily` and so on as that policy says.
 * State: exactly, a row without a value per user and open period in `<name>-seen`; about, at most
 * 64 KiB per period and what is counted apart in `<name>-daily-sketches` and so on. One number (or
 * 16) per period in `<name>-daily` and so on, once more for live counts.
 * Time: a period closes for an event by the stream time of the partition it is read from, at its
 * end and `grace`. Counts are final `2 * skew` later, with the first record after that.
 * Drops: `null-key`, an event without a user, or without what is counted apart; `late`, an event
 * whose periods have all closed, and what `skew` was too short for.
 * Restart: leaves no trace under `'exactly-once'`; under `'at-least-once'` exact counts may count
 * users twice, as first events that are repeated.
 * Rule: days, weeks and months are `calendar` windows. The error is `1.04 / sqrt(16 * 2^12)`.
 *
 * @example
 * ```ts
 * const builder = new TopologyBuilder('docs');
 * const events = builder.stream('events', { key: string(), value: json<ProductEvent>() });
 * const users = countActiveUsers(events, {
 *   zone: 'Asia/Kathmandu',
 *   periods: ['day'],
 *   grace: '1 minute',
 *   skew: 0,
 *   user: (event) => event.userId,
 * });
 * users.daily.toStream().to('daily');
 * const driver = new TopologyTestDriver(builder.build());
 * const visit = (userId: string, time: string) => {
 *   const value = { userId } as ProductEvent; // all that is looked at
 *   driver.send('events', { key: null, value, timestamp: Date.parse(time) });
 * };
 * visit('ann', '2024-05-01T18:14:00Z');
 * visit('bob', '2024-05-01T12:00:00Z');
 * visit('ann', '2024-05-01T18:15:00Z'); // midnight in Kathmandu, 5:45 ahead
 * visit('ann', '2024-05-02T18:30:00Z');
 * const counts = driver.read<Windowed<string>, number>('daily');
 * counts.map(({ key, value }) => [new Date(key.startMs).toISOString(), value]);
 * // => [['2024-04-30T18:15:00.000Z', 2], ['2024-05-01T18:15:00.000Z', 1]]
 * ```
 * @throws {ConfigError} `BAD_WINDOW` for a zone or weekday that is not known; `BAD_DURATION`;
 * `BAD_OPTION` without a period.
 */
export function countActiveUsers<
  K,
  Event extends ProductEvent,
  Of extends KnownSerdes,
  P extends Period = Period,
>(
  events: KStream<K, Event, Of>,
  options: CountActiveUsersOptions<Event, P> & LiveOption,
): LiveActiveUsers<P>;
export function countActiveUsers<
  K,
  Event extends ProductEvent,
  Of extends KnownSerdes,
  P extends Period = Period,
>(events: KStream<K, Event, Of>, options: CountActiveUsersOptions<Event, P>): ActiveUsers<P>;
export function countActiveUsers<K, Event extends ProductEvent, Of extends KnownSerdes>(
  events: KStream<K, Event, Of>,
  options: CountActiveUsersOptions<Event> & Partial<LiveOption>,
): object {
  const calendar = calendarOf(options);
  const countPeriod = periodsCounted(events, options, calendar);
  const tables = (emit: Parameters<CountPeriod>[1], ending: string): ActiveUsers => {
    const named = calendar.periods.map((period) => {
      return [countNames[period], countPeriod(period, emit, ending)] as const;
    });
    return Object.fromEntries(named) as unknown as ActiveUsers; // the periods asked for
  };
  const final = tables(onClose(), '');
  const { live } = options;
  return live === undefined ? final : { ...final, live: tables(live, '-live') };
}

function periodsCounted<K, Event extends ProductEvent, Of extends KnownSerdes>(
  events: KStream<K, Event, Of>,
  options: CountActiveUsersOptions<Event>,
  calendar: Calendar,
): CountPeriod {
  const { name = 'active-users', user = visitorOf, by = () => 'all', distinct } = options;
  const judged = { name, calendar, user, by };
  if (distinct !== 'approximate') {
    const place = (who: string, what: string) => ({ key: who, of: what });
    const visits = openVisits(events, { ...judged, topic: `${name}-by-user`, place });
    return exactCounts(firstVisits(visits, { name, calendar }), { name, calendar });
  }
  // Another hash than that of the sketch: each sketch gets users of all its registers.
  const place = (who: string, what: string) => {
    return { key: sketchKey(defaultPartition(who, sketches), what), of: who };
  };
  const visits = openVisits(events, { ...judged, topic: `${name}-by-sketch`, place });
  return approximateCounts(visits, { name, calendar });
}

function calendarOf(options: CountActiveUsersOptions<never>): Calendar {
  const { zone, weekStart = 'monday', grace, skew = defaultSkew, periods } = options;
  const asked = allPeriods.filter((period) => periods?.includes(period) ?? true);
  if (asked.length === 0) {
    throw new ConfigError('BAD_OPTION', `periods is empty: take of ${allPeriods.join(', ')}.`);
  }
  return { periods: asked, zone, weekStart, graceMs: durationMs(grace), skewMs: durationMs(skew) };
}

/** All counts as rows of one stream, for a topic or a sink. */
export function activeUserRows(
  counts: Partial<ActiveUsers>,
): KStream<Windowed<string>, ActiveUserCount> {
  const streams = allPeriods.flatMap((period) => {
    const table = counts[countNames[period]];
    if (table === undefined) return [];
    const rowOf = (users: number | null, { key, startMs, endMs }: Windowed<string>) => {
      return { period, by: key, startMs, endMs, users: users ?? 0 };
    };
    return [table.toStream().mapValues(rowOf, { value: json<ActiveUserCount>() })];
  });
  const [first, ...rest] = streams;
  if (first === undefined) throw new ConfigError('BAD_OPTION', 'There are no counts: give some.');
  return rest.reduce((all, stream) => all.merge(stream), first);
}
