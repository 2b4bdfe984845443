import { describe, expect, it } from 'vitest';
import { json } from '../../../src/index.ts';
import { TopologyTestDriver } from '../../../src/testing.ts';
import { activeUsersTopology } from '../../../src/topologies/active-users.ts';
import { eventSchema } from '../../../src/topologies/events/event-schema.ts';
import { sessionsTopology } from '../../../src/topologies/sessions.ts';
import { viewCountsTopology } from '../../../src/topologies/view-counts.ts';
import { eventOf } from '../product-events.ts';

const asSent = { event_id: 'e1', event_type: 'page_view', user_id: 'ann', timestamp: 5 };

describe('An event in another form than ProductEvent', () => {
  const readyMade = [activeUsersTopology, sessionsTopology, viewCountsTopology];
  it.each(readyMade)('is a dead letter of $name, not an event of nobody', async (topology) => {
    const settings = { input: 'events', final: 'final', deadLetter: 'dead' };
    const driver = new TopologyTestDriver(await topology.build(settings));
    driver.send('events', { key: null, value: asSent, timestamp: 5 });
    expect(driver.read('dead')).toHaveLength(1);
  });

  const serde = json(eventSchema);
  const read = (value: unknown) => serde.deserialize(Buffer.from(JSON.stringify(value)));

  it('is refused with what is wrong and where it belongs', () => {
    expect(() => read(asSent)).toThrow(/millrace\/topologies\/intake.*text at 'id'/);
    const { context, ...rest } = eventOf({});
    expect(() => read(rest)).toThrow("object at 'context'");
    expect(() => read({ ...rest, context: { ...context, page: 5 } })).toThrow("at 'context.page'");
    expect(() => read([])).toThrow('no event');
  });

  it('is none that leaves out what is not known', () => {
    const { context, ...event } = eventOf({ userId: null, anonymousId: null, sessionId: null });
    const least = { id: 'e1', type: 'page_view', timestampMs: 5, properties: {} };
    const nowhere = { ...context, ip: null, userAgent: null, locale: null, referrer: null };
    const whole = { ...event, ...least, context: { ...nowhere, page: '/a' } };
    expect(read({ ...least, context: { page: '/a' } })).toEqual(whole);
  });

  it('is of nobody where an id of a visitor is empty', () => {
    const event = eventOf({ userId: 'ann', anonymousId: null, sessionId: null });
    const empty = { ...event, userId: '', anonymousId: '', sessionId: '' };
    expect(read(empty)).toEqual({ ...event, userId: null });
  });
});
