import { bytes } from '../../core/serde/bytes.ts';
import { json } from '../../core/serde/json.ts';
import type { EmitPolicy } from '../../operators/internal/emit.ts';
import { valueTime } from '../../operators/internal/timestamps.ts';
import type { KStream } from '../../operators/k-stream.ts';
import type { StreamOptions } from '../../operators/stream-source.ts';
import { TopologyBuilder } from '../../operators/topology-builder.ts';
import { eventSchema } from './event-schema.ts';
import type { ProductEvent } from './product-event.ts';

/** A topic of events, with its serdes. */
export interface EventInput<K, Event> extends Omit<StreamOptions<K, Event>, 'name' | 'tombstones'> {
  readonly topic: string;
}

/** What every topology of events takes. */
export interface EventTopologyOptions<K, Event> {
  /** Default: the name of the topology, as `'sessions'`. */
  readonly application?: string;
  readonly events: EventInput<K, Event>;
  /** The topic of events that cannot be decoded. Default: such an event stops the worker. */
  readonly deadLetter?: string;
}

/** Results that leave while they still grow. */
export interface LiveOutput {
  readonly topic: string;
  /** Default `onCommit()`: those that changed, once per commit. */
  readonly emit?: EmitPolicy;
}

/** A topology that begins with its events. */
export function eventTopology<K, Event>(
  name: string,
  { application = name, deadLetter, events }: EventTopologyOptions<K, Event>,
): { readonly builder: TopologyBuilder; readonly events: KStream<K | null, Event> } {
  const builder = new TopologyBuilder(application, deadLetter === undefined ? {} : { deadLetter });
  const { topic, ...source } = events;
  return { builder, events: builder.stream(topic, { ...source, name: 'events' }) };
}

/** What topologies that run by settings alone read: events in JSON, whatever their keys are. */
export function jsonEvents(topic: string): EventInput<Uint8Array, ProductEvent> {
  return { topic, key: bytes(), value: json(eventSchema) };
}

/** The same, at the time that the events tell. */
export function timedJsonEvents(topic: string): EventInput<Uint8Array, ProductEvent> {
  return { ...jsonEvents(topic), timestamp: valueTime((event) => event.timestampMs) };
}
