import type { Topology } from '../core/topology/plan.ts';
import { type EmitPolicy, onCommit } from '../operators/internal/emit.ts';
import type { KStream } from '../operators/k-stream.ts';
import type { StreamOptions } from '../operators/stream-source.ts';
import { TopologyBuilder } from '../operators/topology-builder.ts';
import {
  activeUserRows,
  countActiveUsers,
  type CountActiveUsersOptions,
  defaultSkew,
} from './active-users/count-active-users.ts';
import { allPeriods, type Period } from './active-users/periods.ts';
import { jsonEvents } from './events/event-input.ts';
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
export type { Period } from './active-users/periods.ts';
export type { EventContext, ProductEvent } from './events/product-event.ts';

export interface ActiveUsersOptions<
  K,
  Event extends ProductEvent = ProductEvent,
> extends CountActiveUsersOptions<Event> {
  /** Default `'active-users'`. */
  readonly application?: string;
  readonly events: Omit<StreamOptions<K, Event>, 'name' | 'tombstones'> & {
    readonly topic: string;
  };
  /** The topic of the final counts: rows in JSON. */
  readonly final: string;
  /** The topic of the counts while they grow. Default: none are written. */
  readonly live?: {
    readonly topic: string;
    /** Default `onCommit()`: the counts that changed, once per commit. */
    readonly emit?: EmitPolicy;
  };
  /** The topic of events that cannot be decoded. Default: such an event stops the worker. */
  readonly deadLetter?: string;
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
  const { application = 'active-users', deadLetter, events, final, live, ...counting } = options;
  const builder = new TopologyBuilder(application, deadLetter === undefined ? {} : { deadLetter });
  const { topic: input, ...source } = events;
  const all: KStream<K | null, Event> = builder.stream(input, { ...source, name: 'events' });
  if (live === undefined) {
    activeUserRows(countActiveUsers(all, counting)).to(final);
    return builder.build();
  }
  const counts = countActiveUsers(all, { ...counting, live: live.emit ?? onCommit() });
  activeUserRows(counts).to(final);
  activeUserRows(counts.live).to(live.topic);
  return builder.build();
}

/** `millrace run millrace/topologies/active-users`. */
export const activeUsersTopology = readyMade({
  name: 'active-users',
  summary: 'Counts the users of each day, week and month of a time zone.',
  settings: {
    application: text({
      description: 'Names the group and the internal topics',
      default: 'active-users',
    }),
    input: topic({ description: 'The topic of the events, in JSON' }),
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
    deadLetter: topic({
      description: 'The topic of events that cannot be decoded; left out: such an event stops it',
      default: null,
    }),
  },
  build({ input, final, live, deadLetter, ...counting }) {
    return activeUsers({
      ...counting,
      events: jsonEvents(input),
      final,
      ...(live === null ? {} : { live: { topic: live } }),
      ...(deadLetter === null ? {} : { deadLetter }),
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
