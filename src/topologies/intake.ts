import { bytes } from '../core/serde/bytes.ts';
import { json } from '../core/serde/json.ts';
import type { Serde } from '../core/serde/serde.ts';
import type { Topology } from '../core/topology/plan.ts';
import { TopologyBuilder } from '../operators/topology-builder.ts';
import { eventSettings, whereGiven } from './event-settings.ts';
import {
  acceptEvents,
  type AcceptEventsOptions,
  type AcceptedEvents,
  type EventDeduplication,
  eventSource,
  type EventSourceOptions,
} from './events/accept-events.ts';
import type { EventFormat, EventReading } from './events/event-format.ts';
import type { EventRule, EventRules } from './events/event-rules.ts';
import { camelCase, snakeCase } from './events/formats.ts';
import { type EventContext, type ProductEvent, visitorOf } from './events/product-event.ts';
import type {
  QuarantinedEvent,
  QuarantineReason,
  QuarantineRule,
} from './events/quarantined-event.ts';
import { readyMade } from './ready-made.ts';
import { duration, oneOf, positiveDuration, setting, topic } from './settings.ts';

export { acceptEvents, camelCase, eventSource, snakeCase, visitorOf };
export type {
  AcceptEventsOptions,
  AcceptedEvents,
  EventContext,
  EventDeduplication,
  EventFormat,
  EventReading,
  EventRule,
  EventRules,
  EventSourceOptions,
  ProductEvent,
  QuarantinedEvent,
  QuarantineReason,
  QuarantineRule,
};

/** Where the events come from. */
export interface SentEvents extends Omit<EventSourceOptions<unknown>, 'name' | 'key' | 'value'> {
  readonly topic: string;
  /** Default `bytes()`: any key; it goes with an event into the quarantine. */
  readonly key?: Serde<unknown>;
  /** Default `json()`. */
  readonly value?: Serde<unknown>;
}

export interface IntakeOptions extends Omit<AcceptEventsOptions, 'name'> {
  /** Default `'intake'`. */
  readonly application?: string;
  readonly events: SentEvents;
  /** The topic of the events that obey the rules, keyed by visitor. */
  readonly accepted: string;
  /** The topic of the others, as JSON, with their reasons. */
  readonly quarantine: string;
  /**
   * The topic of what is no event at all: bytes that cannot be decoded, and events further ahead of
   * the clock than `events.maxFuture`. Default: the former stop the worker, the latter are counted.
   */
  readonly deadLetter?: string;
}

/**
 * Takes events as they are sent, and writes each to the topic of the accepted ones or, with all its
 * reasons, to the quarantine: what `acceptEvents` does, as a whole topology.
 *
 * Emits: to `accepted` and `quarantine` as `acceptEvents` says.
 * State: none, or that of its deduplication.
 * Time: the events' own; see `eventSource`.
 * Drops: `future`; `deserialization`, where there are dead letters; `duplicate`; `late`, which is
 * quarantined.
 * Restart: leaves no trace; under `'exactly-once'` each event is written once.
 *
 * @example
 * ```ts
 * const topology = intake({
 *   events: { topic: 'raw', key: string() },
 *   accepted: 'events',
 *   quarantine: 'quarantine',
 *   deduplicate: { within: '1 hour' },
 * });
 * const driver = new TopologyTestDriver(topology);
 * const event = { event_id: '1', event_type: 'page_view', anonymous_id: 'a1', timestamp: 1000 };
 * const bad = { ...event, event_id: null };
 * driver.send('raw', [{ value: event }, { value: event }, { value: bad }]);
 * driver.read('events').length; // => 1
 * driver.dropped('duplicate'); // => 1
 * const [found] = driver.read<string, QuarantinedEvent>('quarantine');
 * found?.value?.reasons.map(({ rule, path }) => [rule, path]); // => [['required', 'event_id']]
 * ```
 * @throws {ConfigError} `BAD_DURATION`, `BAD_WINDOW`.
 * @throws {TopologyError} `BAD_NAME` for the application or a topic.
 */
export function intake(options: IntakeOptions): Topology {
  const { application = 'intake', deadLetter, events, format = snakeCase } = options;
  const { topic: from, key = bytes(), value = json<unknown>(), ...source } = events;
  const builder = new TopologyBuilder(
    application,
    deadLetter === undefined ? {} : { deadLetter, deadLetterDrops: ['future'] },
  );
  const sent = builder.stream(
    from,
    eventSource<unknown>(format, { ...source, name: 'events', key, value }),
  );
  const { accepted, quarantined, late } = acceptEvents(sent, { ...options, name: 'intake' });
  accepted.to(options.accepted);
  quarantined.to(options.quarantine);
  late?.to(options.quarantine);
  return builder.build();
}

const formats = { snake_case: snakeCase, camelCase } as const;

/** `millrace run millrace/topologies/intake`. */
export const intakeTopology = readyMade({
  name: 'intake',
  summary: 'Sorts JSON events into accepted ones, keyed by visitor, and a quarantine with reasons.',
  settings: {
    ...eventSettings('intake'),
    accepted: topic({ description: 'The topic of the events that obey the rules' }),
    quarantine: topic({ description: 'The topic of the others, with their reasons' }),
    format: oneOf(['snake_case', 'camelCase'], {
      description: 'How the events name their fields',
      default: 'snake_case',
    }),
    types: setting('names', namesOf, {
      description: 'The types to accept, with commas between them; without it all',
      default: null,
    }),
    duplicatesWithin: positiveDuration({
      description: 'Events of one visitor and id less than this apart are one; without it none are',
      default: null,
    }),
    grace: duration({
      description: 'How far behind its partition an event may be; without it any time',
      default: null,
    }),
    maxFuture: duration({
      description: 'How far ahead of the clock an event may be; one further ahead is a dead letter',
      default: '1 hour',
    }),
  },
  build({ input, maxFuture, format, types, duplicatesWithin, grace, deadLetter, ...given }) {
    return intake({
      ...given,
      events: { topic: input, maxFuture },
      format: formats[format],
      grace: grace ?? 'off',
      ...whereGiven({
        deduplicate: duplicatesWithin === null ? null : { within: duplicatesWithin },
        deadLetter,
      }),
      ...(types === null ? {} : acceptingOnly(types)),
    });
  },
});

function namesOf(given: string): readonly string[] {
  const names = given.split(',').map((name) => name.trim());
  if (names.every((name) => name !== '')) return names;
  throw new Error('a name between the commas is empty');
}

function acceptingOnly(types: readonly string[]): EventRules {
  const anything = { '~standard': { version: 1, vendor: 'millrace', validate: allowed } } as const;
  return {
    rules: Object.fromEntries(types.map((type) => [type, anything])),
    unknownTypes: 'quarantine',
  };
}

function allowed(value: unknown) {
  return { value };
}
