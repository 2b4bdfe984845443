import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ResourcePatternTypes,
} from 'kafkajs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { kafka } from '../../src/core/log/kafka/kafka.ts';
import type { KafkaOptions } from '../../src/core/log/kafka/kafka-options.ts';
import type { Log } from '../../src/core/log/port.ts';
import { systemRuntime } from '../../src/core/runtime/system-runtime.ts';
import {
  ALL_BYTES,
  batchAt,
  commitAll,
  drain,
  NO_MEMBER,
  openWriter,
} from '../support/log-fixture.ts';
import { eachKafka, uniqueName } from './support/each-kafka.ts';
import { hurriedRuntime } from './support/hurried-runtime.ts';
import { isolatedLog } from './support/isolated-log.ts';
import { passwords } from './support/server-properties.ts';
import { createAcls } from './support/create-acls.ts';
import { type KafkaCluster, startKafka } from './support/start-kafka.ts';

type Secured = NonNullable<KafkaCluster['secured']>;
type Attempt = (secured: Secured, plainBrokers: readonly string[]) => KafkaOptions;

const alice = { username: 'alice', password: passwords.alice } as const;
const carol = { username: 'carol', password: passwords.carol } as const;

const alicePlain: Attempt = (secured) => ({
  brokers: secured.passwords,
  sasl: { mechanism: 'plain', ...alice },
});
const superUser: Attempt = (_secured, brokers) => ({ brokers });

const goodWays: Readonly<Record<string, Attempt>> = {
  TLS: ({ tls, ca }) => ({ brokers: tls, ssl: { ca: [ca] } }),
  'TLS with a client certificate': ({ mutualTls, ca, client }) => ({
    brokers: mutualTls,
    ssl: { ca: [ca], ...client },
  }),
  'PLAIN over TLS': ({ passwordsOverTls, ca }) => ({
    brokers: passwordsOverTls,
    ssl: { ca: [ca] },
    sasl: { mechanism: 'plain', ...alice },
  }),
  'SCRAM-SHA-512 over TLS': ({ passwordsOverTls, ca }) => ({
    brokers: passwordsOverTls,
    ssl: { ca: [ca] },
    sasl: { mechanism: 'scram-sha-512', ...carol },
  }),
  PLAIN: alicePlain,
  'SCRAM-SHA-256': (secured) => ({
    brokers: secured.passwords,
    sasl: { mechanism: 'scram-sha-256', ...carol },
  }),
};

interface Refusal {
  readonly attempt: Attempt;
  readonly code: string;
  readonly errorClass: string;
  readonly says: RegExp;
}

const refusals: Readonly<Record<string, Refusal>> = {
  'no TLS on a TLS port': {
    attempt: ({ tls }) => ({ brokers: tls }),
    code: 'BROKER_UNREACHABLE',
    errorClass: 'retriable',
    says: /It may want TLS, then give `ssl`/,
  },
  'TLS on a plain port': {
    attempt: ({ ca }, plain) => ({ brokers: plain, ssl: { ca: [ca] } }),
    code: 'BROKER_UNREACHABLE',
    errorClass: 'retriable',
    says: /may speak no TLS/,
  },
  'no authority for the certificate of the broker': {
    attempt: ({ tls }) => ({ brokers: tls, ssl: true }),
    code: 'BROKER_UNREACHABLE',
    errorClass: 'fatal',
    says: /give its authority as `ssl.ca`/,
  },
  'the authority of somebody else': {
    attempt: ({ tls, foreignCa }) => ({ brokers: tls, ssl: { ca: [foreignCa] } }),
    code: 'BROKER_UNREACHABLE',
    errorClass: 'fatal',
    says: /give its authority as `ssl.ca`/,
  },
  'no client certificate where one is wanted': {
    attempt: ({ mutualTls, ca }) => ({ brokers: mutualTls, ssl: { ca: [ca] } }),
    code: 'AUTHENTICATION_FAILED',
    errorClass: 'fatal',
    says: /give `ssl.cert` and `ssl.key`/,
  },
  'no password where one is wanted': {
    attempt: (secured) => ({ brokers: secured.passwords }),
    code: 'BROKER_UNREACHABLE',
    errorClass: 'retriable',
    says: /authentication, then give `sasl`/,
  },
  'a password where none is taken': {
    attempt: (_secured, plain) => ({ brokers: plain, sasl: { mechanism: 'plain', ...alice } }),
    code: 'AUTHENTICATION_FAILED',
    errorClass: 'fatal',
    says: /takes no SASL/,
  },
  'a wrong password with PLAIN': {
    attempt: (secured) => ({
      brokers: secured.passwords,
      sasl: { mechanism: 'plain', username: 'alice', password: 'wrong' },
    }),
    code: 'AUTHENTICATION_FAILED',
    errorClass: 'fatal',
    says: /Check user name, password/,
  },
  'a wrong password with SCRAM': {
    attempt: (secured) => ({
      brokers: secured.passwords,
      sasl: { mechanism: 'scram-sha-512', username: 'carol', password: 'wrong' },
    }),
    code: 'AUTHENTICATION_FAILED',
    errorClass: 'fatal',
    says: /Check user name, password/,
  },
  'a user that nobody knows': {
    attempt: (secured) => ({
      brokers: secured.passwords,
      sasl: { mechanism: 'scram-sha-256', username: 'dora', password: 'wrong' },
    }),
    code: 'AUTHENTICATION_FAILED',
    errorClass: 'fatal',
    says: /Check user name, password/,
  },
};

eachKafka('Security', ({ version }) => {
  const { opened, cluster } = securedWorld(version);

  it.each(Object.entries(goodWays))(
    'with %s records are written and read',
    async (way, attempt) => {
      const log = isolatedLog(opened(attempt, systemRuntime), uniqueName('secured'));
      await commitAll(log, `way=${way}`);
      const reader = log.openReader({ isolation: 'read-committed' });
      expect((await drain(reader)).records).toEqual([`0:way=${way}`]);
      await reader.close();
    },
  );

  it.each(Object.entries(refusals))('%s is told', async (_label, refusal) => {
    const { attempt, code, errorClass, says } = refusal;
    await expect(opened(attempt).admin.describeTopics(['in'])).rejects.toMatchObject({
      code,
      errorClass,
      message: expect.stringMatching(says) as string, // a matcher
    });
  });

  it('a right that is missing on an internal topic is told with the topic', async () => {
    const topic = `${uniqueName('app')}-rows-changelog`;
    const place = { topic, partition: 0 };
    const shape = { topic, partitions: 1, cleanup: 'compact', settings: {} } as const;
    await opened(superUser).admin.createTopics([shape]);
    await deny(cluster(), AclResourceTypes.TOPIC, topic);
    const log = opened(alicePlain);
    const refused = { code: 'NOT_AUTHORIZED', errorClass: 'fatal' };
    const named = { ...refused, message: expect.stringContaining(topic) as string }; // a matcher
    await expect(log.admin.describeTopics([topic])).rejects.toMatchObject(named);
    await expect(log.admin.ends([place])).rejects.toMatchObject(named);
    const writer = await openWriter(log, null);
    await expect(writer.produce([batchAt(place, 'a=1')])).rejects.toMatchObject(named);
    const reader = log.openReader({ isolation: 'read-committed' });
    const fetched = reader.fetch([{ ...place, offset: 0 }], ALL_BYTES);
    await expect(fetched).rejects.toMatchObject(named);
    await reader.close();
  });

  it('a right that is missing on a transactional id is told when the writer opens', async () => {
    const transactionalId = uniqueName('denied');
    await deny(cluster(), AclResourceTypes.TRANSACTIONAL_ID, transactionalId);
    await expect(openWriter(opened(alicePlain), transactionalId)).rejects.toMatchObject({
      code: 'NOT_AUTHORIZED',
      errorClass: 'fatal',
      message: expect.stringContaining(transactionalId) as string, // a matcher
    });
  });

  it('a right that is missing on a group is told', async () => {
    const group = uniqueName('denied');
    const place = { topic: uniqueName('in'), partition: 0 };
    await deny(cluster(), AclResourceTypes.GROUP, group);
    const log = opened(alicePlain);
    const shape = { topic: place.topic, partitions: 1, cleanup: 'delete', settings: {} } as const;
    await log.admin.createTopics([shape]);
    const refused = { code: 'NOT_AUTHORIZED', errorClass: 'fatal' };
    await expect(log.admin.committedOffsets(group, [place])).rejects.toMatchObject(refused);
    const writer = await openWriter(log, null);
    const offsets = [{ ...place, offset: 1, metadata: '' }];
    const sent = writer.sendOffsets(offsets, { ...NO_MEMBER, group });
    await expect(sent).rejects.toMatchObject(refused);
  });
});

/** A cluster for the tests of this block, and logs on it. */
function securedWorld(version: string) {
  const logs: Log[] = [];
  let started: KafkaCluster | null = null;
  const cluster = (): KafkaCluster => {
    if (started === null) throw new Error('The cluster is not started yet.');
    return started;
  };
  beforeAll(async () => {
    started = await startKafka({ version, secured: true });
  });
  afterAll(async () => {
    await Promise.all(logs.map((log) => log.close()));
    await started?.stop();
  });
  return {
    cluster,
    opened(attempt: Attempt, runtime = hurriedRuntime): Log {
      const { secured, brokers } = cluster();
      if (secured === null) throw new Error('The cluster was started without security.');
      const log = kafka({ ...attempt(secured, brokers), runtime });
      logs.push(log);
      return log;
    },
  };
}

/** Takes all rights on it from alice. */
async function deny(cluster: KafkaCluster, resourceType: AclResourceTypes, name: string) {
  const entry = {
    resourceType,
    resourceName: name,
    resourcePatternType: ResourcePatternTypes.LITERAL,
    principal: 'User:alice',
    host: '*',
    operation: AclOperationTypes.ALL,
    permissionType: AclPermissionTypes.DENY,
  };
  await createAcls(cluster, [entry]);
}
