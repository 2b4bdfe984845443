import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { camelCase, snakeCase } from '../../../src/topologies/events/formats.ts';
import type { ProductEvent } from '../../../src/topologies/events/product-event.ts';
import { propertyOptions } from '../../support/property-options.ts';

/** An event as senders of each format write it. */
const snakeCased = ({ context, properties, ...own }: ProductEvent) => ({
  event_id: own.id,
  event_type: own.type,
  user_id: own.userId,
  anonymous_id: own.anonymousId,
  session_id: own.sessionId,
  timestamp: own.timestampMs,
  context: { ...context, userAgent: undefined, user_agent: context.userAgent },
  properties,
});
const camelCased = ({ id, type, timestampMs, ...own }: ProductEvent) => {
  return { messageId: id, event: type, type: 'track', timestamp: timestampMs, ...own };
};

const formats = [
  ['snake_case', snakeCase, snakeCased],
  ['camelCase', camelCase, camelCased],
] as const;

const name = fc.string({ minLength: 1, maxLength: 30 });
const known = fc.option(name);
const properties = fc.dictionary(
  name.filter((own) => own !== '__proto__' && own !== 'constructor'),
  fc.oneof(name, fc.integer(), fc.boolean(), fc.constant(null), fc.array(fc.double())),
);
const finite = properties.map((own) => JSON.parse(JSON.stringify(own)) as Record<string, unknown>); // as sent
const event: fc.Arbitrary<ProductEvent> = fc.record({
  id: name,
  type: name,
  userId: known,
  anonymousId: known,
  sessionId: known,
  timestampMs: fc.nat(8.64e15),
  context: fc.record({
    ip: known,
    userAgent: known,
    locale: known,
    page: known,
    referrer: known,
  }),
  properties: finite,
});

describe.each(formats)('%s', (_, format, sentAs) => {
  it('reads what senders write', () => {
    const law = fc.property(event, (own) => {
      const sent = JSON.parse(JSON.stringify(sentAs(own))) as unknown;
      expect(format.read(sent)).toEqual({ event: own, reasons: null });
      expect(format.timeOf(sent)).toBe(own.timestampMs);
    });
    fc.assert(law, propertyOptions(300));
  });

  it('throws at nothing, and either reads an event or says why not', () => {
    const field = fc.constantFrom(...Object.keys(sentAs(sample)), '__proto__', 'x');
    const sent = fc.oneof(
      fc.anything({ withBigInt: true, withNullPrototype: true, withTypedArray: true }),
      fc.dictionary(field, fc.oneof(fc.anything(), fc.string(), fc.nat())),
    );
    const law = fc.property(sent, (value) => {
      const { event: read, reasons } = format.read(value);
      expect(read === null).toBe(reasons !== null);
      if (reasons !== null) expect(reasons.length).toBeGreaterThan(0);
      expect(format.timeOf(value)).toSatisfy((time) => time === null || Number.isInteger(time));
    });
    fc.assert(law, propertyOptions(1000));
  });
});

const sample: ProductEvent = {
  id: '1',
  type: 'page_view',
  userId: 'u',
  anonymousId: 'a',
  sessionId: 's',
  timestampMs: 1,
  context: { ip: '::1', userAgent: 'ua', locale: 'en', page: '/', referrer: 'r' },
  properties: { a: 1 },
};

const reasonsOf = (sent: unknown, format = snakeCase) =>
  format.read(sent).reasons?.map(({ rule, path }) => `${rule} ${path}`);

describe('events', () => {
  it("are read as Segment's spec writes them", () => {
    const { event: read } = camelCase.read({
      anonymousId: '507f191e810c19729de860ea',
      channel: 'browser',
      context: {
        ip: '8.8.8.8',
        locale: 'en-US',
        page: { path: '/academy/', referrer: '', url: 'https://segment.com/academy/' },
        userAgent: 'Mozilla/5.0',
      },
      event: 'Article Viewed',
      integrations: {},
      messageId: '022bb90c-bbac-11e4-8dfc-aa07a5b093db',
      properties: { title: 'How to create a tracking plan' },
      timestamp: '2015-02-23T22:28:55.111Z',
      type: 'track',
      userId: '97980cfea0067',
      version: '1.1',
    });
    expect(read).toEqual({
      id: '022bb90c-bbac-11e4-8dfc-aa07a5b093db',
      type: 'Article Viewed',
      userId: '97980cfea0067',
      anonymousId: '507f191e810c19729de860ea',
      sessionId: null,
      timestampMs: Date.UTC(2015, 1, 23, 22, 28, 55, 111),
      context: {
        ip: '8.8.8.8',
        userAgent: 'Mozilla/5.0',
        locale: 'en-US',
        page: 'https://segment.com/academy/',
        referrer: null,
      },
      properties: { title: 'How to create a tracking plan' },
    });
  });

  it('have bounds', () => {
    const given = { event_id: '1', event_type: 't', timestamp: 1 };
    const nested = (levels: number) => {
      let value: unknown = 1;
      for (let level = 0; level < levels; level += 1) value = { a: value };
      return value;
    };
    const within = (own: unknown) => reasonsOf({ ...given, properties: { own } });
    expect(within(nested(30))).toBeUndefined();
    expect(within(nested(31))?.[0]).toMatch(/^bounds properties\.own\.a/);
    expect(within(nested(100_000))).toHaveLength(1);
    expect(within('x'.repeat(65_537))).toEqual(['bounds properties.own']);
    expect(within(Array.from({ length: 20_000 }, () => 1))).toHaveLength(1);
    expect(within(1n)).toEqual(['bounds properties.own']);
    expect(within(new Uint8Array(1))).toEqual(['bounds properties.own']);
    expect(within(NaN)).toEqual(['bounds properties.own']);
    expect(reasonsOf({ ...given, user_id: 'x'.repeat(1025) })).toEqual(['bounds user_id']);
    expect(reasonsOf({ ...given, ['n'.repeat(300)]: 1 })).toHaveLength(1);
    expect(reasonsOf(Array.from({ length: 30 }, () => 1))).toEqual(['object ']);
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`p${at}`, NaN]));
    expect(within(many)).toHaveLength(20);
  });

  it('say all that is missing at once', () => {
    expect(reasonsOf({})).toEqual([
      'required event_id',
      'required event_type',
      'required timestamp',
    ]);
    expect(reasonsOf({ event_id: {}, event_type: true, timestamp: '2024', context: 1 })).toEqual([
      'type event_id',
      'type event_type',
      'timestamp timestamp',
      'type context',
    ]);
  });
});
