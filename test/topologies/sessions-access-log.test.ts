import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { TopologyTestDriver } from '../../src/testing.ts';
import { timedJsonEvents } from '../../src/topologies/events/event-topology.ts';
import { sessions, type SessionSummary } from '../../src/topologies/sessions.ts';
import { parseCombinedLine } from '../../examples/view-counts/access-log.ts';
import { sharedData } from '../support/shared-data.ts';
import { eventOf } from './product-events.ts';

const path = sharedData('access.log');

/** Address and agent: a visitor of the log. */
const whoseLine = /^(\S+) .*"((?:[^"\\]|\\.)*)"\s*$/;

it.skipIf(path === null)(
  'an access log has the visits that a count over the sorted file finds, with pauses of 30 minutes',
  () => {
    const lines = readFileSync(path ?? '', 'utf8').split('\n');
    const events = lines.flatMap((line, index) => {
      const request = parseCombinedLine(line);
      const [, address, agent] = whoseLine.exec(line) ?? [];
      if (request === null || address === undefined) return [];
      const { timestamp: timestampMs, target: page } = request;
      return eventOf({ id: String(index), userId: `${address} ${agent}`, timestampMs, page });
    });
    expect(events).toHaveLength(9_999);
    const driver = new TopologyTestDriver(
      sessions({
        events: timedJsonEvents('events'),
        gap: '30 minutes',
        grace: '1 minute',
        final: 'final',
      }),
      { commit: 'manual' },
    );
    const send = (value: (typeof events)[number]) =>
      driver.send('events', { key: null, value, timestamp: value.timestampMs });
    for (const event of events) send(event);
    const lastMs = Math.max(...events.map(({ timestampMs }) => timestampMs));
    send(eventOf({ id: 'end', userId: 'end', timestampMs: lastMs + 86_400_000 }));
    for (let passed = 0; passed < 4; passed += 1) driver.commit();
    const summaries = driver
      .read<unknown, SessionSummary>('final')
      .flatMap(({ value }) => value ?? []);
    expect(driver.dropped()).toBe(0);
    expect(summaries).toHaveLength(3_026);
    expect(new Set(summaries.map(({ visitor }) => visitor)).size).toBe(1_592);
    expect(summaries.reduce((sum, one) => sum + one.events, 0)).toBe(9_999);
  },
);
