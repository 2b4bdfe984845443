import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ResourcePatternTypes,
} from 'kafkajs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  kafka,
  type Log,
  produce,
  readCommitted,
  run,
  string,
  type Topology,
  TopologyBuilder,
} from '../../src/index.ts';
import { tableOf } from '../docs/table.ts';
import { temporaryDirectory } from '../support/log-fixture.ts';
import { eachKafka } from './support/each-kafka.ts';
import { passwords } from './support/server-properties.ts';
import { createAcls } from './support/create-acls.ts';
import { type KafkaCluster, startKafka } from './support/start-kafka.ts';

const text = { key: string(), value: string() };
const shape = { partitions: 2, cleanup: 'delete', settings: {} } as const;

/** What the page calls a resource, as an ACL names it. */
const resources: Readonly<Record<string, (application: string) => Resource>> = {
  'topics that it reads': (application) => topic(`in.${application}`, 'LITERAL'),
  'topics that it writes, dead letters too': (application) =>
    topic(`out.${application}`, 'LITERAL'),
  'topics that begin with <application>-': (application) => topic(`${application}-`, 'PREFIXED'),
  'topics <application>-<name>-repartition': (application) =>
    topic(`${application}-by-word-repartition`, 'LITERAL'),
  'topics <application>-<name>-subscriptions': (application) =>
    topic(`${application}-of-words-subscriptions`, 'LITERAL'),
  'topics <application>-<name>-answers': (application) =>
    topic(`${application}-of-words-answers`, 'LITERAL'),
  'topics <application>-<sink>-outbox': (application) =>
    topic(`${application}-rows-outbox`, 'LITERAL'),
  'the group <application>': (application) => ({
    type: AclResourceTypes.GROUP,
    name: application,
    pattern: ResourcePatternTypes.LITERAL,
  }),
  'transactional ids that begin with <application>-': (application) => ({
    type: AclResourceTypes.TRANSACTIONAL_ID,
    name: `${application}-`,
    pattern: ResourcePatternTypes.PREFIXED,
  }),
};

interface Resource {
  readonly type: AclResourceTypes;
  readonly name: string;
  readonly pattern: ResourcePatternTypes;
}

function topic(name: string, pattern: 'LITERAL' | 'PREFIXED'): Resource {
  return { type: AclResourceTypes.TOPIC, name, pattern: ResourcePatternTypes[pattern] };
}

const operations: Readonly<Record<string, AclOperationTypes>> = {
  Read: AclOperationTypes.READ,
  Write: AclOperationTypes.WRITE,
  Create: AclOperationTypes.CREATE,
  Delete: AclOperationTypes.DELETE,
  DescribeConfigs: AclOperationTypes.DESCRIBE_CONFIGS,
};

/** Each right of the page, on its own. */
const rights = tableOf('KAFKA.md', 'on').flatMap(([on = '', named = '']) =>
  named.split(', ').map((operation) => ({ on, operation })),
);

/** A worker that must not delete what it has read runs on. */
const isOptional = ({ operation }: (typeof rights)[number]) => operation === 'Delete';

async function grant(cluster: KafkaCluster, application: string, left: typeof rights) {
  const acl = left.map(({ on, operation }) => {
    const resource = resources[on]?.(application);
    const granted = operations[operation];
    if (resource === undefined || granted === undefined) {
      throw new Error(`docs/KAFKA.md names '${operation}' on '${on}', which is not known here.`);
    }
    return {
      resourceType: resource.type,
      resourceName: resource.name,
      resourcePatternType: resource.pattern,
      principal: 'User:alice',
      host: '*',
      operation: granted,
      permissionType: AclPermissionTypes.ALLOW,
    };
  });
  await createAcls(cluster, acl);
}

/** A repartition, a store, progress and a manifest: topics of its own, read and written. */
function lastWords(application: string): Topology {
  const builder = new TopologyBuilder(application);
  builder
    .stream(`in.${application}`, text)
    .groupBy((word) => word, { name: 'by-word', key: string() })
    .reduce((_before, word) => word, { name: 'words' })
    .toStream()
    .to(`out.${application}`);
  return builder.build();
}

async function prepare(log: Log, application: string): Promise<void> {
  const topics = [`in.${application}`, `out.${application}`];
  await log.admin.createTopics(topics.map((name) => ({ ...shape, topic: name })));
  await produce(log, `in.${application}`, text, [{ key: 'a', value: 'b', timestamp: 1 }]);
}

eachKafka('The rights that docs/KAFKA.md names', ({ version }) => {
  let cluster: KafkaCluster;
  let root: Log;
  let alice: Log;

  beforeAll(async () => {
    const settings = { 'allow.everyone.if.no.acl.found': 'false' };
    cluster = await startKafka({ version, secured: true, settings });
    root = kafka(cluster);
    const sasl = { mechanism: 'plain', username: 'alice', password: passwords.alice } as const;
    alice = kafka({ brokers: cluster.secured?.passwords ?? [], sasl });
  });
  afterAll(async () => {
    await Promise.all([root.close(), alice.close()]);
    await cluster.stop();
  });

  const start = async (application: string, granted: typeof rights, options = {}) => {
    await prepare(root, application);
    await grant(cluster, application, granted);
    const stateDir = join(temporaryDirectory(), application);
    const worker = await run(lastWords(application), { log: alice, stateDir, ...options });
    try {
      await worker.caughtUp();
    } finally {
      await worker.close();
    }
    const records = await readCommitted(root, `out.${application}`, text);
    return records.map(({ value }) => value);
  };

  it.each(['exactly-once', 'at-least-once'] as const)('are enough for %s', async (guarantee) => {
    expect(await start(`enough-${guarantee}`, rights, { guarantee })).toEqual(['b']);
  });

  it.each(rights.map((right, index) => ({ ...right, index })).filter((own) => !isOptional(own)))(
    'are needed: $operation on $on',
    async ({ index }) => {
      const left = rights.filter((_right, other) => other !== index);
      await expect(start(`without-${index}`, left)).rejects.toMatchObject({
        code: 'NOT_AUTHORIZED',
      });
    },
  );
});
