import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type } from 'arktype';
import { json, string } from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import {
  intake,
  type IntakeOptions,
  intakeTopology,
  type ProductEvent,
  type QuarantinedEvent,
} from '../../src/topologies/intake.ts';
import { expectInEveryRunMode } from '../support/expect-in-every-run-mode.ts';

const options: IntakeOptions = {
  events: { topic: 'raw', key: string() },
  accepted: 'events',
  quarantine: 'quarantine',
};

/** A record that the log got `logMs` after the event. */
const sent = (value: Record<string, unknown>, logMs = 100) => ({
  topic: 'raw',
  key: 'k',
  value: { event_id: '1', event_type: 'view', user_id: 'ann', ...value },
  timestamp: logMs,
});

const accepted = (id: string, timestamp: number, own: Partial<ProductEvent> = {}) => {
  const nobody = { userId: 'ann', anonymousId: null, sessionId: null };
  const context = { ip: null, userAgent: null, locale: null, page: null, referrer: null };
  const rest = { timestampMs: timestamp, context, properties: {} };
  const value = { id, type: 'view', ...nobody, ...rest, ...own };
  return { key: value.userId ?? value.anonymousId ?? id, value, timestamp };
};

const quarantined = (
  record: ReturnType<typeof sent>,
  offset: number,
  ...reasons: QuarantinedEvent['reasons']
) => ({
  key: 'k',
  value: {
    reasons,
    original: record.value,
    from: { topic: 'raw', partition: 0, offset, timestampMs: record.timestamp },
  },
  timestamp: record.timestamp,
});

const missing = (path: string) => ({ rule: 'required', path, message: 'it is missing' }) as const;

describe('intake', () => {
  it('accepts or quarantines each event once, with all reasons, whatever crashes', () => {
    const bad = [
      sent({ timestamp: 'yesterday', event_id: null }),
      sent({ timestamp: 7, user_id: ['ann'], context: { ip: {} } }),
      sent({ event_id: '4' }, 900),
    ] as const;
    return expectInEveryRunMode({
      topology: intake(options),
      input: [
        bad[0],
        sent({ timestamp: 5 }),
        bad[1],
        sent({ event_id: '2', timestamp: '1970-01-01T00:00:00.009Z', user_id: '' }),
        bad[2],
        sent({ event_id: '3', timestamp: 8, user_id: null, anonymous_id: 'device' }),
      ],
      output: {
        events: [
          accepted('1', 5),
          accepted('2', 9, { userId: null }),
          accepted('3', 8, { userId: null, anonymousId: 'device' }),
        ],
        quarantine: [
          quarantined(bad[0], 0, missing('event_id'), {
            rule: 'timestamp',
            path: 'timestamp',
            message: 'it is neither epoch milliseconds nor a date and time with an offset',
          }),
          quarantined(
            bad[1],
            2,
            { rule: 'type', path: 'user_id', message: 'it is to be text' },
            { rule: 'type', path: 'context.ip', message: 'it is to be text' },
          ),
          quarantined(bad[2], 4, missing('timestamp')),
        ],
      },
      drops: [],
    });
  });

  it('lets no event without a readable time move time on', () => {
    const late = sent({ event_id: '3', timestamp: 10 });
    const bad = sent({ timestamp: null }, 1_000_000);
    return expectInEveryRunMode({
      topology: intake({ ...options, grace: 20 }),
      input: [bad, sent({ timestamp: 20 }), bad, sent({ event_id: '2', timestamp: 31 }), late],
      output: {
        events: [accepted('1', 20), accepted('2', 31)],
        quarantine: [
          quarantined(bad, 0, missing('timestamp')),
          quarantined(bad, 2, missing('timestamp')),
          quarantined(late, 4, {
            rule: 'late',
            path: '',
            message: 'it is 21 ms behind its partition, which waits for 20',
          }),
        ],
      },
    });
  });

  it('takes an event at the very edge of its grace', () => {
    const topology = intake({ ...options, grace: 20 });
    return expectInEveryRunMode({
      topology,
      input: [sent({ timestamp: 30 }), sent({ event_id: '2', timestamp: 10 })],
      output: { events: [accepted('1', 30), accepted('2', 10)], quarantine: [] },
    });
  });

  it('passes on the first event of an id and visitor within a time, by one repartition', () => {
    const topology = intake({ ...options, deduplicate: { within: 10, grace: 5 } });
    const hops = topology.nodes.filter((node) => node.type === 'repartition');
    expect(hops.map(({ name }) => name)).toEqual(['intake-by-visitor']);
    return expectInEveryRunMode({
      topology,
      input: [
        sent({ timestamp: 5 }),
        sent({ timestamp: 5 }),
        sent({ timestamp: 5, user_id: 'bob' }),
        sent({ timestamp: 14 }),
        sent({ timestamp: 15 }),
        sent({ timestamp: 9, event_id: '2' }),
      ],
      output: {
        events: [accepted('1', 5), accepted('1', 5, { userId: 'bob' }), accepted('1', 15)],
        quarantine: [
          {
            key: 'ann',
            value: {
              reasons: [
                {
                  rule: 'late',
                  path: '',
                  message: 'it came too late to know whether it came before',
                },
              ],
              original: accepted('2', 9).value,
              from: null,
            },
            timestamp: 9,
          },
        ],
      },
      drops: ['duplicate', 'duplicate', 'late'],
    });
  });

  it('lets a dead-letter topic have what is no JSON, and what is of the future', () => {
    const events = { ...options.events, maxFuture: 10 } as const;
    const topology = intake({ ...options, events, deadLetter: 'dead' });
    const driver = new TopologyTestDriver(topology);
    driver.sendBytes('raw', { key: null, value: Buffer.from('{') });
    driver.send('raw', [sent({ timestamp: 11 }), sent({ timestamp: 10 })]);
    expect(driver.read('dead')).toHaveLength(2);
    expect(driver.read('events')).toHaveLength(1);
    expect(driver.read('quarantine')).toEqual([]);
    expect([driver.dropped('deserialization'), driver.dropped('future')]).toEqual([1, 1]);
  });

  it('keeps what JSON cannot carry and what nests deep as text in the quarantine', () => {
    const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)]);
    const driver = new TopologyTestDriver(intake(options));
    driver.send('raw', sent({ timestamp: 1, properties: { deep: deep(900) } }));
    const [{ value } = { value: null }] = driver.read<string, QuarantinedEvent>('quarantine');
    expect(value?.reasons.map(({ rule }) => rule)).toEqual(['bounds']);
    const text = JSON.stringify(value?.original);
    expect(text.length - text.replaceAll('[', '').length).toBe(900);
    expect(() => json().deserialize(Buffer.from(json().serialize(value)))).not.toThrow();
  });

  it('refuses names that reach for prototypes, and pollutes none', () => {
    const driver = new TopologyTestDriver(intake(options), { checks: 'off' });
    for (const properties of ['{"__proto__":{"x":1}}', '{"constructor":{"prototype":{"x":1}}}']) {
      const value = Buffer.from(
        `{"event_id":"1","event_type":"view","timestamp":1,"properties":${properties}}`,
      );
      driver.sendBytes('raw', { key: null, value });
    }
    const rules = driver
      .read<string, QuarantinedEvent>('quarantine')
      .map(({ value }) => value?.reasons.map(({ rule }) => rule));
    expect(rules).toEqual([['forbidden-name'], ['forbidden-name']]);
    expect(({} as { x?: number }).x).toBeUndefined();
  });
});

describe('rules', () => {
  const play = (given: Partial<IntakeOptions>, value: Record<string, unknown>) => {
    const driver = new TopologyTestDriver(intake({ ...options, ...given }), { checks: 'off' });
    driver.send('raw', sent({ timestamp: 1, ...value }));
    const [event] = driver.read<string, ProductEvent>('events');
    const [bad] = driver.read<string, QuarantinedEvent>('quarantine');
    return event?.value?.properties ?? bad?.value?.reasons.map(({ rule, path }) => [rule, path]);
  };

  const schemas = {
    zod: z.object({ items: z.array(z.object({ price: z.number() })), count: z.number() }),
    valibot: v.object({ items: v.array(v.object({ price: v.number() })), count: v.number() }),
    arktype: type({ items: type({ price: 'number' }).array(), count: 'number' }),
  };

  it.each(Object.entries(schemas))('a schema of %s says what is wrong, and where', (_, view) => {
    const rules = { view };
    const good = { items: [{ price: 1 }], count: 1 };
    expect(play({ rules }, { properties: good })).toEqual(good);
    const bad = play({ rules }, { properties: { items: [{ price: 'x' }] } });
    expect(bad).toHaveLength(2);
    expect(bad).toEqual(
      expect.arrayContaining([
        ['schema', 'properties.items[0].price'],
        ['schema', 'properties.count'],
      ]),
    );
  });

  it('give the properties as the schema makes them', () => {
    const rules = { view: z.object({ count: z.coerce.number().default(1) }) };
    expect(play({ rules }, { properties: {} })).toEqual({ count: 1 });
    expect(play({ rules }, { properties: { count: '3' } })).toEqual({ count: 3 });
  });

  it('may judge the whole event', () => {
    const rules = { view: { event: z.object({ sessionId: z.string() }) } };
    expect(play({ rules }, {})).toEqual([['schema', 'sessionId']]);
    expect(play({ rules }, { session_id: 's', properties: { a: 1 } })).toEqual({ a: 1 });
  });

  it('quarantine what a schema throws on, or answers with a promise', () => {
    const throwing = z.object({}).refine(() => {
      throw new Error('no');
    });
    const promising = z.object({}).refine(async () => Promise.resolve(true));
    expect(play({ rules: { view: throwing } }, {})).toEqual([['schema', 'properties']]);
    expect(play({ rules: { view: promising } }, {})).toEqual([['schema', 'properties']]);
  });

  it('refuse types and visitors nobody knows where that is asked for', () => {
    const rules = { purchase: z.object({}) };
    expect(play({ rules }, {})).toEqual({});
    expect(play({ rules, unknownTypes: 'quarantine' }, {})).toEqual([['unknown-type', 'type']]);
    const given = { unknownVisitors: 'quarantine' } as const;
    expect(play(given, { user_id: null })).toEqual([['visitor', '']]);
    expect(play(given, {})).toEqual({});
  });

  it('are no rule of another name', () => {
    const unknownTypes = 'quarantine';
    const rules = { purchase: z.object({}) };
    expect(play({ rules, unknownTypes }, { event_type: 'toString' })).toEqual([
      ['unknown-type', 'type'],
    ]);
  });
});

it('runs by settings alone', async () => {
  const topology = await intakeTopology.build({
    application: 'shop-intake',
    input: 'raw',
    accepted: 'events',
    quarantine: 'quarantine',
    format: 'camelCase',
    types: 'page, track',
    duplicatesWithin: '1 hour',
  });
  const driver = new TopologyTestDriver(topology);
  const event = { messageId: '1', type: 'track', event: 'page', timestamp: 1, userId: 7 };
  driver.send('raw', [{ value: event }, { value: { ...event, event: 'Signup' } }]);
  expect(driver.read('events')).toMatchObject([{ key: '7', value: { type: 'page' } }]);
  expect(driver.read('quarantine')).toMatchObject([
    { value: { reasons: [{ rule: 'unknown-type' }] } },
  ]);
  expect(topology.application).toBe('shop-intake');
});
