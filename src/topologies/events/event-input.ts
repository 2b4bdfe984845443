import { bytes } from '../../core/serde/bytes.ts';
import { valueTime } from '../../operators/internal/timestamps.ts';
import type { StreamOptions } from '../../operators/stream-source.ts';
import type { ProductEvent } from './product-event.ts';
import { productEventJson } from './product-event-json.ts';

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
    value: productEventJson(),
    timestamp: valueTime((event) => event.timestampMs),
  };
}
