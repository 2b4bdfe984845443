import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TopologyTestDriver } from '../../src/testing.ts';
import { timedJsonEvents } from '../../src/topologies/events/event-topology.ts';
import type { ProductEvent } from '../../src/topologies/events/product-event.ts';
import { sessions } from '../../src/topologies/sessions.ts';
import { propertyOptions } from '../support/property-options.ts';
import { play, readPlain, stepsOf } from '../support/steps.ts';
import { eventOf } from '../topologies/product-events.ts';

const GAP_MS = 5;
/** No event of the input is late: the summaries are those of the whole input. */
const GRACE_MS = 100;
const END_MS = 10_000;

// What an event is follows from its id, time and user: of twins neither comes first.
const someEvent = fc
  .tuple(fc.constantFrom('ann', 'bob'), fc.nat(60), fc.nat(11))
  .map(([userId, timestampMs, kind]) =>
    eventOf({
      userId,
      timestampMs,
      id: `${kind}-${timestampMs}-${userId}`,
      type: kind % 3 === 0 ? 'search' : 'page_view',
      page: kind % 4 === 0 ? null : `/${kind}`,
      referrer: kind % 2 === 0 ? null : `from ${kind}`,
      properties: { country: kind < 8 ? null : `C${kind}` },
    }),
  );
const steps = stepsOf(
  someEvent.map((value) => {
    return { topic: 'events', key: Buffer.from('k'), value, timestamp: value.timestampMs };
  }),
);
const countryOf = ({ properties }: ProductEvent) =>
  (properties['country'] as string | null | undefined) ?? null; // as generated

/** The law: sorts all events of a visitor, cuts at pauses, and looks at each piece as a whole. */
function naiveSessions(events: readonly ProductEvent[], maxLengthMs: number) {
  const visitors = [...new Set(events.map(({ userId }) => userId))];
  return visitors.flatMap((visitor) => {
    const own = events
      .filter(({ userId }) => userId === visitor)
      .sort((a, b) => a.timestampMs - b.timestampMs || (a.id < b.id ? -1 : 1));
    const starts: number[] = [];
    for (const [at, { timestampMs }] of own.entries()) {
      const [before, first] = [own[at - 1], own[starts.at(-1) ?? 0]];
      const isPause = before === undefined || timestampMs - before.timestampMs > GAP_MS;
      if (isPause || timestampMs - (first?.timestampMs ?? 0) >= maxLengthMs) starts.push(at);
    }
    return starts.map((from, index) => summarised(visitor, own.slice(from, starts[index + 1])));
  });
}

function summarised(visitor: string | null, events: readonly ProductEvent[]) {
  const views = events.filter(({ type }) => type === 'page_view');
  const startMs = events[0]?.timestampMs ?? 0;
  const endMs = events.at(-1)?.timestampMs ?? 0;
  return {
    visitor,
    startMs,
    endMs,
    durationMs: endMs - startMs,
    events: events.length,
    pageViews: views.length,
    entryPage: views[0]?.context.page ?? null,
    exitPage: views.at(-1)?.context.page ?? null,
    isBounce: views.length === 1,
    referrer: views[0]?.context.referrer ?? null,
    country: events.map(countryOf).find((country) => country !== null) ?? null,
  };
}

const inOrder = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).sort();

it.each([
  ['', {}, Infinity],
  [', also of parts of long ones', { maxLength: 12 }, 12],
])('summaries are those of the sorted input, whatever happens%s', (_, length, maxLengthMs) => {
  const law = fc.property(steps, (run) => {
    const topology = sessions({
      events: timedJsonEvents('events'),
      gap: GAP_MS,
      grace: GRACE_MS,
      ...length,
      country: countryOf,
      final: 'final',
      live: { topic: 'live' },
    });
    const driver = new TopologyTestDriver(topology, { commit: 'manual' });
    const last = eventOf({ id: 'last', userId: 'last', timestampMs: END_MS });
    const end = { topic: 'events', key: Buffer.from('k'), value: last, timestamp: END_MS };
    const { sent } = play(driver, [...run, { kind: 'record', record: end }]);
    const expected = naiveSessions(
      sent.slice(0, -1).map(({ value }) => value),
      maxLengthMs,
    );
    const final = readPlain(driver, 'final');
    expect(inOrder(final.map(({ value }) => value))).toEqual(inOrder(expected));
    const live = new Map(
      readPlain(driver, 'live').map(({ key, value }) => [inOrder([key])[0], value]),
    );
    const open = [...live.values()].filter((value) => value !== null);
    // Where sessions have a greatest length, events wait for the grace.
    const ofLast = maxLengthMs === Infinity ? [summarised('last', [last])] : [];
    expect(inOrder(open)).toEqual(inOrder([...expected, ...ofLast]));
  });
  fc.assert(law, propertyOptions(150));
});
