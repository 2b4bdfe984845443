import { expect, it } from 'vitest';
import { clickhouseTables } from '../../../examples/content-platform/clickhouse-tables.ts';
import { contentPlatform, topics } from '../../../examples/content-platform/topology.ts';
import { TopologyTestDriver } from '../../../src/testing.ts';

const unknown = { kind: 'unknown', country: null, region: null, city: null } as const;

it('an event whose text no database takes is set aside, and holds up no other', () => {
  const tables = clickhouseTables(new URL('clickhouse://localhost:8123'));
  const topology = contentPlatform({ geo: { lookup: () => unknown }, tables: [tables] });
  const driver = new TopologyTestDriver(topology);
  const send = (event_id: string) => {
    const value = {
      event_id,
      event_type: 'page_view',
      user_id: 'ann',
      timestamp: 5,
      context: { page: '/' },
    };
    driver.send(topics.events, { key: null, value, timestamp: 5 });
  };
  send('half a pair \ud800');
  send('2');
  expect(driver.rows(tables.events)).toMatchObject([{ event_id: '2' }]);
  expect(driver.read(topics.deadLetters)).toHaveLength(1);
});
