import { describe, expect, it } from 'vitest';
import { onUpdate } from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { timedJsonEvents } from '../../src/topologies/events/event-topology.ts';
import { sessions, type SessionSummary, sessionsTopology } from '../../src/topologies/sessions.ts';
import { expectInEveryRunMode } from '../support/expect-in-every-run-mode.ts';
import { type EventParts, eventOf } from './product-events.ts';

const cut = { events: timedJsonEvents('events'), gap: 10, grace: 5, final: 'final' } as const;

const sent = (parts: EventParts) => {
  const value = eventOf(parts);
  return { topic: 'events', key: Buffer.from('any'), value, timestamp: value.timestampMs };
};
const summary = (parts: Partial<SessionSummary>): SessionSummary => ({
  visitor: 'ann',
  startMs: 0,
  endMs: 0,
  durationMs: 0,
  events: 1,
  pageViews: 1,
  entryPage: null,
  exitPage: null,
  isBounce: true,
  referrer: null,
  country: null,
  ...parts,
});
const row = (value: SessionSummary) => ({
  key: { key: value.visitor, startMs: value.startMs, endMs: value.endMs + 1 },
  value,
  timestamp: value.endMs,
});

describe('the sessions of visitors', () => {
  it('are cut by pauses and summarised once they have ended', () =>
    expectInEveryRunMode({
      topology: sessions(cut),
      input: [
        sent({ userId: 'ann', timestampMs: 3, page: '/b', referrer: '/a' }),
        sent({ anonymousId: 'x1', timestampMs: 4, page: '/x' }),
        sent({ userId: 'ann', timestampMs: 5, type: 'search', page: '/b' }),
        sent({ timestampMs: 6 }),
        sent({ userId: 'ann', timestampMs: 1, page: '/a', referrer: 'https://search' }),
        sent({ userId: 'ann', timestampMs: 30, page: '/c' }),
        sent({ userId: 'ann', timestampMs: 2, page: '/late' }),
        sent({ userId: 'bob', timestampMs: 60 }),
      ],
      output: {
        final: [
          row(
            summary({
              startMs: 1,
              endMs: 5,
              durationMs: 4,
              events: 3,
              pageViews: 2,
              entryPage: '/a',
              exitPage: '/b',
              isBounce: false,
              referrer: 'https://search',
            }),
          ),
          row(summary({ visitor: 'x1', startMs: 4, endMs: 4, entryPage: '/x', exitPage: '/x' })),
          row(summary({ startMs: 30, endMs: 30, entryPage: '/c', exitPage: '/c' })),
        ].sort((a, b) => a.key.endMs - b.key.endMs),
      },
      drops: ['null-key', 'late'],
    }));

  it('are merged by an event between them, as if they had come in order', () => {
    const at = (timestampMs: number, id: string) =>
      sent({ userId: 'ann', timestampMs, id, page: `/${id}` });
    const driver = new TopologyTestDriver(
      sessions({ ...cut, grace: 20, live: { topic: 'live', emit: onUpdate() } }),
    );
    for (const [time, id] of [
      [0, 'a'],
      [18, 'c'],
      [9, 'b'],
    ] as const) {
      const { topic, ...record } = at(time, id);
      driver.send(topic, record);
    }
    const live = driver.read<{ startMs: number }, SessionSummary>('live');
    expect(live.map(({ key, value }) => [key?.startMs, value?.events ?? null])).toEqual([
      [0, 1],
      [18, 1],
      [0, null],
      [18, null],
      [0, 3],
    ]);
    expect(live.at(-1)?.value).toMatchObject({ entryPage: '/a', exitPage: '/c', isBounce: false });
  });

  it('begin and end, of page views at one time, with the least and the greatest event id', () => {
    for (const ids of [
      ['a', 'b', 'c'],
      ['c', 'b', 'a'],
      ['b', 'c', 'a'],
    ]) {
      const driver = new TopologyTestDriver(sessions(cut));
      for (const id of ids) {
        const { topic, ...record } = sent({ userId: 'ann', timestampMs: 7, id, page: `/${id}` });
        driver.send(topic, record);
      }
      const { topic, ...later } = sent({ userId: 'bob', timestampMs: 100 });
      driver.send(topic, later);
      const [ended] = driver.read<unknown, SessionSummary>('final');
      expect(ended?.value).toMatchObject({ entryPage: '/a', exitPage: '/c', pageViews: 3 });
    }
  });

  it('have the country of the first event that tells one, and visitors of the caller', () => {
    const driver = new TopologyTestDriver(
      sessions({
        ...cut,
        visitor: ({ sessionId }) => sessionId,
        country: ({ properties }) => (properties['country'] as string | undefined) ?? null, // sent below
        isPageView: ({ type }) => type === 'screen',
      }),
    );
    const send = (timestampMs: number, country?: string) => {
      const properties = country === undefined ? {} : { country };
      const parts = { sessionId: 's', userId: `u${timestampMs}`, type: 'screen', properties };
      const { topic, ...record } = sent({ ...parts, timestampMs });
      driver.send(topic, record);
    };
    send(1);
    send(8, 'FR');
    send(4, 'NP');
    send(100);
    const [ended] = driver.read<unknown, SessionSummary>('final');
    expect(ended?.value).toMatchObject({ visitor: 's', country: 'NP', pageViews: 3 });
  });
});

describe('long sessions', () => {
  it('are parted where their greatest length ends, in the order of event time', () =>
    expectInEveryRunMode({
      topology: sessions({ ...cut, maxLength: 8 }),
      input: [
        sent({ userId: 'ann', timestampMs: 4 }),
        sent({ userId: 'ann', timestampMs: 1 }),
        sent({ userId: 'ann', timestampMs: 9 }),
        sent({ userId: 'ann', timestampMs: 8 }),
        sent({ userId: 'bob', timestampMs: 40 }),
        sent({ userId: 'ann', timestampMs: 34 }),
        sent({ userId: 'bob', timestampMs: 80 }),
      ],
      output: {
        final: [
          { startMs: 1, endMs: 8, durationMs: 7, events: 3, pageViews: 3, isBounce: false },
          { startMs: 9, endMs: 9 },
          { visitor: 'bob', startMs: 40, endMs: 40 },
        ].map((parts) => row(summary(parts))),
      },
      drops: ['late'],
    }));

  it('need a length above 0', () => {
    expect(() => sessions({ ...cut, maxLength: 0 })).toThrow(/maxLength/);
  });
});

it('by settings alone has a gap and grace of its own, and refuses what it has not', async () => {
  const topology = await sessionsTopology.build({ input: 'events', final: 'ended' });
  expect(topology.application).toBe('sessions');
  expect(topology.nodes.some(({ name }) => name === 'live-sessions')).toBe(false);
  const build = (settings: Readonly<Record<string, string>>) => () =>
    sessionsTopology.build(settings);
  expect(build({ final: 'ended' })).toThrow(/needs --set input=<topic>/);
  expect(build({ input: 'a', final: 'b', gap: 'soon' })).toThrow(/cannot read gap=soon/);
  expect(build({ input: 'a', final: 'b', pause: '1s' })).toThrow(/has no setting 'pause'/);
});
