import type { Topology } from '../core/topology/plan.ts';
import type { EmitPolicy } from '../operators/internal/emit.ts';
import type { KStream } from '../operators/k-stream.ts';
import { TopologyBuilder } from '../operators/topology-builder.ts';
import { type EventInput, jsonEvents } from './events/event-input.ts';
import type { ProductEvent } from './events/product-event.ts';
import { readyMade } from './ready-made.ts';
import { sessionsOf, type SessionsOptions } from './sessions/sessions-of.ts';
import { duration, text, topic } from './settings.ts';

export type { EventInput } from './events/event-input.ts';
export { type EventContext, type ProductEvent, visitorOf } from './events/product-event.ts';
export { sessionsOf } from './sessions/sessions-of.ts';
export type { Sessions, SessionsOptions } from './sessions/sessions-of.ts';
export type { SessionSummary } from './sessions/visit.ts';

/** Sessions that have not ended. */
export interface LiveSessions {
  readonly topic: string;
  /** Default `onCommit()`: those that changed, once per commit. */
  readonly emit?: EmitPolicy;
}

export interface SessionsTopologyOptions<
  K,
  Event extends ProductEvent,
> extends SessionsOptions<Event> {
  /** Default `'sessions'`. */
  readonly application?: string;
  readonly events: EventInput<K, Event>;
  /** The topic of the sessions that have ended: one summary each. */
  readonly final: string;
  /** Default: none are written. */
  readonly live?: LiveSessions;
  /** The topic of events that cannot be decoded. Default: such an event stops the worker. */
  readonly deadLetter?: string;
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
  const { application = 'sessions', deadLetter, events, final, live, ...cut } = options;
  const builder = new TopologyBuilder(application, deadLetter === undefined ? {} : { deadLetter });
  const { topic: input, ...source } = events;
  const all: KStream<K | null, Event> = builder.stream(input, { ...source, name: 'events' });
  const found = sessionsOf(all, cut);
  found.final().to(final);
  if (live !== undefined) found.live(live.emit).to(live.topic);
  return builder.build();
}

/** `millrace run millrace/topologies/sessions`. */
export const sessionsTopology = readyMade({
  name: 'sessions',
  summary: 'Cuts the events of each visitor into sessions and summarises them.',
  settings: {
    application: text({
      description: 'Names the group and the internal topics',
      default: 'sessions',
    }),
    input: topic({ description: 'The topic of the events, in JSON' }),
    final: topic({ description: 'The topic of the sessions that have ended' }),
    live: topic({ description: 'The topic of the sessions as they grow', default: null }),
    gap: duration({ description: 'A pause longer than this ends a session', default: '30m' }),
    maxLength: duration({
      description: 'An event so long after the first of its session begins another one',
      default: null,
    }),
    grace: duration({ description: 'How late an event may come', default: '1m' }),
    deadLetter: topic({
      description: 'The topic of events that cannot be decoded; without it one stops the worker',
      default: null,
    }),
  },
  build({ application, input, final, live, gap, grace, maxLength, deadLetter }) {
    return sessions({
      application,
      events: jsonEvents(input),
      gap,
      grace,
      final,
      ...(maxLength === null ? {} : { maxLength }),
      ...(live === null ? {} : { live: { topic: live } }),
      ...(deadLetter === null ? {} : { deadLetter }),
    });
  },
});
