import { SchemaRegistry as KafkajsClient } from '@kafkajs/confluent-schema-registry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { avro, confluentRegistry, kafkajsRegistry } from '../../../src/serde/avro.ts';
import { registryMissing, type RegistryServer, startRegistry } from '../support/registry-server.ts';

const missing = await registryMissing();
if (missing !== null) console.error(`SKIPPED: the schema registry cannot run here: ${missing}.`);

const fields = [
  { name: 'page', type: 'string' },
  { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
];
const first = { type: 'record', name: 'View', namespace: 'test', fields };
const second = { ...first, fields: [...fields, { name: 'ms', type: 'int', default: -1 }] };

describe.skipIf(missing !== null)('a Confluent-compatible registry', () => {
  let server: RegistryServer;

  beforeAll(async () => {
    server = await startRegistry();
  }, 300_000);

  afterAll(() => server.stop());

  const own = () => confluentRegistry({ url: server.url });
  const theirs = () => kafkajsRegistry(new KafkajsClient({ host: server.url }));

  describe.each([
    ['confluentRegistry', own],
    ['kafkajsRegistry', theirs],
  ])('%s', (name, open) => {
    const subject = `${name}-value`;

    it('registers schemas once, and finds them by id and by subject', async () => {
      const registry = open();
      const schema = JSON.stringify(first);
      const id = await registry.register(subject, schema);
      expect(await registry.register(subject, schema)).toBe(id);
      expect(await registry.idOf(subject, schema)).toBe(id);
      const found = JSON.parse((await registry.schemaOf(id)) ?? '') as typeof first; // as registered
      expect(found.fields.map((field) => field.name)).toEqual(['page', 'at']);
      expect(await registry.schemaOf(987_654)).toBeNull();
      expect(await registry.idOf(subject, JSON.stringify({ ...first, name: 'Other' }))).toBeNull();
      expect(await registry.idOf('no-such-subject', schema)).toBeNull();
    });

    it('lets a reader of a later schema read what was written by an earlier one', async () => {
      const registry = open();
      const writing = { registry, subject, register: true };
      const old = await avro<object>({ ...writing, schema: first });
      const now = await avro<object>({ ...writing, schema: second });
      const bytes = Buffer.from(old.serialize({ page: '/', at: 5 }));
      await now.prepare?.(bytes);
      expect({ ...now.deserialize(bytes) }).toEqual({ page: '/', at: 5, ms: -1 });
    });
  });

  it('reads what the other client wrote, and the other way round', async () => {
    const client = new KafkajsClient({ host: server.url });
    const serde = await avro<{ page: string; at: number }>({
      registry: own(),
      schema: first,
      subject: 'confluentRegistry-value',
    });
    const view = { page: '/x', at: 1_700_000_000_000 };
    const bytes = Buffer.from(serde.serialize(view));
    expect({ ...((await client.decode(bytes)) as object) }).toEqual(view); // the client gives any
    const theirBytes = await client.encode(bytes.readInt32BE(1), view);
    expect(theirBytes).toEqual(bytes);
    expect({ ...serde.deserialize(theirBytes) }).toEqual(view);
  });

  it('is told apart from one that is gone', async () => {
    const gone = await startRegistry();
    const registry = confluentRegistry({ url: gone.url });
    expect(await registry.schemaOf(1)).toBeNull();
    await gone.stop();
    await expect(registry.schemaOf(1)).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
  });
});
