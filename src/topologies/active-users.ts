import type { Topology } from '../core/topology/plan.ts';
import { onCommit } from '../operators/internal/emit.ts';
import {
  activeUserRows,
  countActiveUsers,
  type CountActiveUsersOptions,
  defaultSkew,
} from './active-users/count-active-users.ts';
import { allPeriods, type Period } from './active-users/periods.ts';
import { eventSettings, liveTo, whereGiven } from './event-settings.ts';
import {
  eventTopology,
  type EventTopologyOptions,
  type LiveOutput,
  timedJsonEvents,
} from './events/event-topology.ts';
import type { ProductEvent } from './events/product-event.ts';
import { readyMade } from './ready-made.ts';
import { duration, oneOf, setting, text, topic } from './settings.ts';

export { activeUserRows, countActiveUsers } from './active-users/count-active-users.ts';
export type {
  ActiveUserCount,
  ActiveUsers,
  CountActiveUsersOptions,
  LiveActiveUsers,
  LiveOption,
} from './active-users/count-active-users.ts';
export type { EventInput, EventTopologyOptions, LiveOutput } from './events/event-topology.ts';
export type { Period } from './active-users/periods.ts';
export type { EventContext, ProductEvent } from './events/product-event.ts';

export interface ActiveUsersOptions<K, Event extends ProductEvent = ProductEvent>
  extends CountActiveUsersOptions<Event>, EventTopologyOptions<K, Event> {
  /** The topic of the final counts: rows in JSON. */
  readonly final: string;
  /** The topic of the counts while they grow. Default: none are written. */
  readonly live?: LiveOutput;
}

/**
 * The whole topology: events in, an `ActiveUserCount` per period and what is counted apart out. See
 * `countActiveUsers`.
 *
 * @example
 * ```ts no-run
 * const topology = activeUsers({
 *   events: { topic: 'events', key: string(), value: json<ProductEvent>() },
 *   zone: 'America/New_York',
 *   grace: '1 minute',
 *   final: 'active-users',
 *   live: { topic: 'active-users-live' },
 * });
 * ```
 * @throws {ConfigError} `BAD_WINDOW`, `BAD_DURATION`, `BAD_OPTION`.
 * @throws {TopologyError} `BAD_NAME` for the application, the name or a topic.
 */
export function activeUsers<K, Event extends ProductEvent = ProductEvent>(
  options: ActiveUsersOptions<K, Event>,
): Topology {
  const { final, live, ...counting } = options;
  const { builder, events } = eventTopology('active-users', options);
  if (live === undefined) {
    activeUserRows(countActiveUsers(events, counting)).to(final);
    return builder.build();
  }
  const counts = countActiveUsers(events, { ...counting, live: live.emit ?? onCommit() });
  activeUserRows(counts).to(final);
  activeUserRows(counts.live).to(live.topic);
  return builder.build();
}

/** `millrace run millrace/topologies/active-users`. */
export const activeUsersTopology = readyMade({
  name: 'active-users',
  summary: 'Counts the users of each day, week and month of a time zone.',
  settings: {
    ...eventSettings('active-users'),
    final: topic({ description: 'The topic of the final counts' }),
    live: topic({ description: 'The topic of the counts while they grow', default: null }),
    zone: text({ description: 'The time zone of the calendar', default: 'UTC' }, 'IANA name'),
    periods: setting('day,week,month', periodsOf, {
      description: 'What users are counted in',
      default: 'day,week,month',
    }),
    grace: duration({ description: 'How late an event may come', default: '1 minute' }),
    skew: duration({
      description: 'How far apart in event time the partitions may be read',
      default: defaultSkew,
    }),
    distinct: oneOf(['exact', 'approximate'], {
      description: 'approximate: 64 KiB per period, standard error 0.41 %',
      default: 'exact',
    }),
  },
  build({ input, live, deadLetter, ...given }) {
    return activeUsers({
      ...given,
      events: timedJsonEvents(input),
      ...whereGiven({ live: liveTo(live), deadLetter }),
    });
  },
});

function periodsOf(given: string): readonly Period[] {
  return given.split(',').map((name) => {
    const period = allPeriods.find((own) => own === name.trim());
    if (period === undefined) throw new Error(`'${name}' is none of ${allPeriods.join(', ')}`);
    return period;
  });
}
