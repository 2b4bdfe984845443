import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  embedded,
  json,
  memoryBackend,
  produce,
  readCommitted,
  run,
  string,
} from '../../../src/index.ts';
import type { Serde } from '../../../src/index.ts';
import { avro, confluentRegistry } from '../../../src/serde/avro.ts';
import { TopologyTestDriver } from '../../../src/testing.ts';
import { intake, type ProductEvent } from '../../../src/topologies/intake.ts';
import { expectInEveryRunMode } from '../../support/expect-in-every-run-mode.ts';
import { type FakeRegistry, fakeRegistry } from '../../support/fake-registry.ts';

let server: FakeRegistry;

beforeEach(async () => {
  server = await fakeRegistry();
});

afterEach(() => server.close());

const eventSchema = (...more: readonly object[]) => ({
  type: 'record',
  name: 'Event',
  fields: [
    { name: 'event_id', type: 'string' },
    { name: 'event_type', type: 'string' },
    { name: 'user_id', type: ['null', 'string'], default: null },
    { name: 'timestamp', type: { type: 'long', logicalType: 'timestamp-millis' } },
    ...more,
  ],
});
const older = eventSchema();
const newer = eventSchema({ name: 'session_id', type: ['null', 'string'], default: null });

/** What producers of two versions wrote, as bytes; the reader has met neither. */
async function written() {
  const registry = confluentRegistry({ url: server.url });
  const write = (schema: object) =>
    avro<unknown>({ registry, schema, subject: 'raw-value', register: true });
  const [first, second] = [await write(older), await write(newer)];
  const event = (id: string, timestamp: number) => ({
    event_id: id,
    event_type: 'view',
    user_id: 'ann',
    timestamp,
  });
  const values = [
    first.serialize(event('1', 1)),
    second.serialize({ ...event('2', 2), session_id: 's' }),
    Buffer.from([0, 0, 0, 0, 77, 2]),
    first.serialize(event('3', 3)),
  ].map((bytes) => Buffer.from(bytes));
  server.requests.length = 0;
  const value = await avro<unknown>({ registry, schema: newer });
  return { values, value };
}

/** A driver sends values that a serde writes: these are the bytes already. */
function asBytes(serde: Serde<unknown>): Serde<unknown> {
  return Object.create(serde, {
    serialize: { value: (bytes: Uint8Array) => bytes },
  }) as Serde<unknown>; // inherits the rest
}

const topologyOf = (value: Serde<unknown>) =>
  intake({
    events: { topic: 'raw', key: string(), value },
    accepted: 'events',
    quarantine: 'quarantine',
    deadLetter: 'dead',
  });

it('events of any version are taken, whatever crashes; a schema is asked for once', async () => {
  const { values, value } = await written();
  const context = { ip: null, userAgent: null, locale: null, page: null, referrer: null };
  const event = (id: string, timestampMs: number, sessionId: string | null) => {
    const ids = { id, type: 'view', userId: 'ann', anonymousId: null, sessionId };
    return {
      key: 'ann',
      value: { ...ids, timestampMs, context, properties: {} },
      timestamp: timestampMs,
    };
  };
  await expectInEveryRunMode({
    topology: topologyOf(asBytes(value)),
    input: values.map((own) => ({ topic: 'raw', key: 'k', value: own, timestamp: 9 })),
    output: { events: [event('1', 1, null), event('2', 2, 's'), event('3', 3, null)] },
    drops: ['deserialization'],
  });
  expect(server.requests).toEqual([1, 2, 77].map((id) => `GET /schemas/ids/${id}`));
});

it('a worker waits for a schema it has not met, and takes what it wrote', async () => {
  const { values, value } = await written();
  const log = embedded();
  const worker = await run(topologyOf(value), { log, state: memoryBackend() });
  await produce(
    log,
    'raw',
    { key: string(), value: asBytes(value) },
    values.map((own) => ({
      key: 'k',
      value: own,
      timestamp: 9,
    })),
  );
  await worker.caughtUp();
  const events = await readCommitted(log, 'events', { key: string(), value: json<ProductEvent>() });
  expect(events.map((record) => record.value?.id)).toEqual(['1', '2', '3']);
  await worker.close();
});

it('a registry that refuses stops the worker and dead-letters nothing', async () => {
  const { values, value } = await written();
  server.fault = (response) => {
    response.writeHead(401);
    response.end('{}');
  };
  const driver = new TopologyTestDriver(topologyOf(asBytes(value)));
  driver.send('raw', { key: 'k', value: values[0] });
  await expect(driver.settled()).rejects.toMatchObject({
    code: 'REGISTRY_UNAVAILABLE',
    name: 'WorkerError',
  });
  expect(driver.read('dead')).toEqual([]);
});
