import { describe, expect, it } from 'vitest';
import { TopologyTestDriver } from '../../../src/testing.ts';
import { activeUsersTopology } from '../../../src/topologies/active-users.ts';
import { productEventJson } from '../../../src/topologies/events/product-event-json.ts';
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

  it('is refused with what is wrong and where it belongs', () => {
    const read = (value: unknown) =>
      productEventJson().deserialize(Buffer.from(JSON.stringify(value)));
    expect(() => read(asSent)).toThrow(/millrace\/topologies\/intake.*is no text at 'id'/);
    const { context, ...rest } = eventOf({});
    expect(() => read(rest)).toThrow("is no object at 'context'");
    expect(() => read({ ...rest, context: { ...context, page: 5 } })).toThrow(
      "null at 'context.page'",
    );
    expect(() => read([])).toThrow('no object');
  });

  it('is none that leaves out what is not known', () => {
    const least = { id: 'e1', type: 'page_view', timestampMs: 5, context: { page: '/a' } };
    const bytes = Buffer.from(JSON.stringify(least));
    expect(productEventJson().deserialize(bytes)).toEqual(least);
  });
});
