import { bytes } from '../../core/serde/bytes.ts';
import { json } from '../../core/serde/json.ts';
import { valueTime } from '../../operators/internal/timestamps.ts';
import type { StreamOptions } from '../../operators/stream-source.ts';
import { eventSchema } from './event-schema.ts';
import type { ProductEvent } from './product-event.ts';

/** A topic of events, with its serdes. */
export interface EventInput<K, Event> extends Omit<StreamOptions<K, Event>, 'name' | 'tombstones'> {
  readonly topic: string;
}

/** What topologies that run by settings alone read: events in JSON, at the time that they tell. */
export function jsonEvents(topic: string): EventInput<Uint8Array, ProductEvent> {
  return {
    topic,
    // Whatever the keys are: they have no say in these topologies.
    key: bytes(),
    // What is no event at all is as good as no JSON: it cannot be decoded.
    value: json(eventSchema),
    timestamp: valueTime((event) => event.timestampMs),
  };
}
