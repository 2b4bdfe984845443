import type { Topology } from '../core/topology/plan.ts';
import { eventSettings, liveTo, whereGiven } from './event-settings.ts';
import {
  eventTopology,
  type EventTopologyOptions,
  type LiveOutput,
  timedJsonEvents,
} from './events/event-topology.ts';
import type { ProductEvent } from './events/product-event.ts';
import { readyMade } from './ready-made.ts';
import { sessionsOf, type SessionsOptions } from './sessions/sessions-of.ts';
import { duration, positiveDuration, topic } from './settings.ts';

export type { EventInput, EventTopologyOptions, LiveOutput } from './events/event-topology.ts';
export { type EventContext, type ProductEvent, visitorOf } from './events/product-event.ts';
export { sessionsOf } from './sessions/sessions-of.ts';
export type { Sessions, SessionsOptions } from './sessions/sessions-of.ts';
export type { SessionSummary } from './sessions/visit.ts';

export interface SessionsTopologyOptions<K, Event extends ProductEvent>
  extends SessionsOptions<Event>, EventTopologyOptions<K, Event> {
  /** The topic of the sessions that have ended: one summary each. */
  readonly final: string;
  /** Sessions that have not ended. Default: none are written. */
  readonly live?: LiveOutput;
}

/**
 * The whole topology: events in, a summary per session out. See `sessionsOf`.
 *
 * Rule: keys are written as Kafka Streams' `SessionWindowedSerializer` does, summaries as JSON.
 *
 * @example
 * ```ts
 * const topology = sessions({
 *   events: { topic: 'events', key: string(), value: json<ProductEvent>() },
 *   gap: '30 minutes',
 *   grace: '1 minute',
 *   final: 'sessions-ended',
 *   live: { topic: 'sessions-live' },
 * });
 * topology.application; // => 'sessions'
 * ```
 * @throws {ConfigError} `BAD_WINDOW`, `BAD_DURATION`.
 * @throws {TopologyError} `BAD_NAME` for the application, the name or a topic.
 */
export function sessions<K, Event extends ProductEvent = ProductEvent>(
  options: SessionsTopologyOptions<K, Event>,
): Topology {
  const { final, live } = options;
  const { builder, events } = eventTopology('sessions', options);
  const found = sessionsOf(events, options);
  found.final().to(final);
  if (live !== undefined) found.live(live.emit).to(live.topic);
  return builder.build();
}

/** `millrace run millrace/topologies/sessions`. */
export const sessionsTopology = readyMade({
  name: 'sessions',
  summary: 'Cuts the events of each visitor into sessions and summarises them.',
  settings: {
    ...eventSettings('sessions'),
    final: topic({ description: 'The topic of the sessions that have ended' }),
    live: topic({ description: 'The topic of the sessions as they grow', default: null }),
    gap: positiveDuration({
      description: 'A pause longer than this ends a session',
      default: '30m',
    }),
    maxLength: positiveDuration({
      description: 'An event so long after the first of its session begins another one',
      default: null,
    }),
    grace: duration({ description: 'How late an event may come', default: '1m' }),
  },
  build({ input, live, maxLength, deadLetter, ...given }) {
    return sessions({
      ...given,
      events: timedJsonEvents(input),
      ...whereGiven({ maxLength, live: liveTo(live), deadLetter }),
    });
  },
});
