import { SchemaRegistry as KafkajsClient } from '@kafkajs/confluent-schema-registry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { confluentRegistry, kafkajsRegistry } from '../../../src/serde/avro.ts';
import { type FakeRegistry, fakeRegistry, reply } from '../../support/fake-registry.ts';
import { thrownBy } from '../../support/thrown.ts';

let server: FakeRegistry;

beforeEach(async () => {
  server = await fakeRegistry();
});

afterEach(() => server.close());

const view = JSON.stringify({
  type: 'record',
  name: 'View',
  fields: [{ name: 'page', type: 'string', default: '/' }],
});

const waits: number[] = [];
const scheduler = {
  yieldNow: () => Promise.resolve(),
  after: () => ({ cancel: () => undefined }),
  sleep: (delayMs: number) => {
    waits.push(delayMs);
    return Promise.resolve();
  },
};

const own = () => confluentRegistry({ url: `${server.url}/`, scheduler });
const theirs = () =>
  kafkajsRegistry(new KafkajsClient({ host: server.url, retry: { retries: 0 } }));

describe.each([
  ['confluentRegistry', own],
  ['kafkajsRegistry', theirs],
])('%s', (_, open) => {
  it('finds a schema by its id, and the id by its schema', async () => {
    const id = server.add('views-value', view);
    const registry = open();
    expect(JSON.parse((await registry.schemaOf(id)) ?? '')).toEqual(JSON.parse(view));
    expect(await registry.idOf('views-value', view)).toBe(id);
  });

  it('finds nothing that is not there', async () => {
    server.add('views-value', view);
    const registry = open();
    expect(await registry.schemaOf(77)).toBeNull();
    expect(await registry.idOf('other', view)).toBeNull();
    expect(await registry.idOf('views-value', '"string"')).toBeNull();
  });

  it('does not take an outage for a schema that is not there', async () => {
    server.fault = (response) => reply(response, { error_code: 50001, message: 'store' }, 500);
    await expect(open().schemaOf(1)).rejects.toThrow();
    await expect(open().idOf('views-value', view)).rejects.toThrow();
  });
});

it('a schema is registered once', async () => {
  const registry = own();
  const id = await registry.register('views/value', view);
  expect(await registry.register('views/value', view)).toBe(id);
  expect(server.requests).toEqual(Array(2).fill('POST /subjects/views%2Fvalue/versions'));
});

it('what may be over soon is tried again, ever later, and not for ever', async () => {
  waits.length = 0;
  let left = 3;
  server.fault = (response) => {
    if (--left === 0) server.fault = null;
    reply(response, {}, left === 1 ? 429 : 503);
  };
  const id = server.add('s', view);
  expect(await own().schemaOf(id)).toBe(JSON.stringify(JSON.parse(view)));
  expect(waits).toEqual([200, 400, 800]);
  server.fault = (response) => response.destroy();
  await expect(own().schemaOf(id)).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
  expect(server.requests).toHaveLength(8);
});

it.each([
  ['refused credentials', 401, { error_code: 40101, message: 'Unauthorized' }, /401: Unauth/],
  ['a page that is not there', 404, { message: 'nginx' }, /404: nginx/],
  ['an invalid schema', 422, { error_code: 42201, message: 'bad' }, /422: bad/],
])('%s are told at once', async (_, status, body, told) => {
  server.fault = (response) => reply(response, body, status);
  const refused = own().schemaOf(1);
  await expect(refused).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
  await expect(own().schemaOf(1)).rejects.toThrow(told);
  expect(server.requests).toHaveLength(2);
});

it('schemas of other kinds and with references are none that Avro can use', async () => {
  server.fault = (response) => reply(response, { schema: '{}', schemaType: 'JSON' });
  expect(await own().schemaOf(1)).toBeNull();
  server.fault = (response) => reply(response, { schema: '"A"', references: [{ name: 'A' }] });
  expect(await own().schemaOf(1)).toBeNull();
});

it('an answer without end is refused', async () => {
  server.fault = (response) => {
    const write = () => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
    };
    response.on('drain', write);
    write();
  };
  await expect(own().schemaOf(1)).rejects.toThrow('above 4194304 bytes');
});

it('credentials go in the header, and no address with them is taken', async () => {
  const seen: (string | undefined)[] = [];
  server.fault = (response) => {
    seen.push(response.req.headers.authorization);
    reply(response, { schema: '"int"' });
  };
  const { url } = server;
  await confluentRegistry({ url, auth: { username: 'ann', password: 'x' } }).schemaOf(1);
  await confluentRegistry({ url, auth: { token: 't' } }).schemaOf(1);
  expect(seen).toEqual([`Basic ${Buffer.from('ann:x').toString('base64')}`, 'Bearer t']);
  const error = thrownBy(() => confluentRegistry({ url: 'http://ann:secret@x' }));
  expect(error).toMatchObject({ code: 'BAD_OPTION' });
  expect(String(error)).not.toContain('secret');
});
