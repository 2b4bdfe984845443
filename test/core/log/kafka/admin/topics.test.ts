import { describe, expect, it } from 'vitest';
import { createTopics } from '../../../../../src/core/log/kafka/wire/messages/create-topics.ts';
import { describeConfigs } from '../../../../../src/core/log/kafka/wire/messages/describe-configs.ts';
import type { NewTopic } from '../../../../../src/core/log/port.ts';
import { lost, ScriptedCluster, topicMetadata } from './scripted-cluster.ts';

const row = (name: string, value: string | null) => ({
  ...{ name, value, isReadOnly: false, source: 1, isSensitive: false },
  synonyms: [],
});
const config = (name: string, cleanup: string, errorCode = 0) => ({
  throttleMs: 0,
  resources: [
    {
      ...{ errorCode, message: null, type: 2, name },
      settings:
        errorCode === 0 ? [row('cleanup.policy', cleanup), row('max.message.bytes', '1000')] : [],
    },
  ],
});

describe('Descriptions', () => {
  it('are of the topics that exist; the others are left out', async () => {
    const cluster = new ScriptedCluster()
      .topics(topicMetadata('rows', [1, 2, 3]), topicMetadata('gone', [], 3))
      .answers(describeConfigs, () => config('rows', 'compact'));
    const described = await cluster.run(cluster.admin().describeTopics(['rows', 'gone']));
    const rows = {
      ...{ topic: 'rows', id: null, partitions: 3 },
      ...{ cleanup: 'compact', maxMessageBytes: 1000 },
    };
    expect([...described]).toEqual([['rows', rows]]);
    expect(cluster.sent(describeConfigs)[0]?.resources.map(({ name }) => name)).toEqual(['rows']);
  });

  it('of no topic ask nobody', async () => {
    const cluster = new ScriptedCluster();
    expect((await cluster.run(cluster.admin().describeTopics([]))).size).toBe(0);
  });

  it.each([
    ['compact', 'compact'],
    ['delete', 'delete'],
    ['', 'delete'],
    ['compact,delete', 'compact,delete'],
    ['delete, compact', 'compact,delete'],
  ])('take the clean-up %j for %j', async (policy, cleanup) => {
    const cluster = new ScriptedCluster()
      .topics(topicMetadata('rows', [1]))
      .answers(describeConfigs, () => config('rows', policy));
    const described = await cluster.run(cluster.admin().describeTopics(['rows']));
    expect(described.get('rows')?.cleanup).toBe(cleanup);
  });

  it('wait for a broker that does not know the topic yet', async () => {
    const cluster = new ScriptedCluster().topics(topicMetadata('rows', [1])).answers(
      describeConfigs,
      () => config('rows', '', 3),
      lost,
      () => config('rows', 'compact'),
    );
    expect((await cluster.run(cluster.admin().describeTopics(['rows']))).size).toBe(1);
  });

  it('that may not be read name the topic and the right', async () => {
    const cluster = new ScriptedCluster().topics(topicMetadata('rows', [], 29));
    const refused = cluster.run(cluster.admin().describeTopics(['rows']));
    await expect(refused).rejects.toMatchObject({
      code: 'NOT_AUTHORIZED',
      where: { topic: 'rows' },
    });
    await expect(refused).rejects.toThrow("Grant 'Describe'");
  });

  it('without the right to settings name it', async () => {
    const cluster = new ScriptedCluster()
      .topics(topicMetadata('rows', [1]))
      .answers(describeConfigs, () => config('rows', '', 29));
    const refused = cluster.run(cluster.admin().describeTopics(['rows']));
    await expect(refused).rejects.toThrow("Grant 'DescribeConfigs'");
  });
});

const rows: NewTopic = {
  topic: 'rows',
  partitions: 3,
  cleanup: 'compact',
  settings: { 'segment.bytes': '100' },
};
const created = (...codes: readonly (readonly [string, number])[]) => ({
  throttleMs: 0,
  topics: codes.map(([topic, errorCode]) => ({ topic, errorCode, message: 'so it is' })),
});

describe('Topics', () => {
  it('are created with their settings, replicated as the cluster is set to', async () => {
    const cluster = new ScriptedCluster()
      .topics(topicMetadata('rows', [1, 2, 3]))
      .answers(createTopics, () => created(['rows', 0]));
    await cluster.run(cluster.admin().createTopics([rows]));
    expect(cluster.sent(createTopics)[0]).toMatchObject({
      topics: [
        {
          ...{ topic: 'rows', partitions: 3, replicationFactor: -1, assignments: [] },
          settings: [
            { name: 'cleanup.policy', value: 'compact' },
            { name: 'segment.bytes', value: '100' },
          ],
        },
      ],
      validatesOnly: false,
    });
  });

  it('are replicated as asked for', async () => {
    const cluster = new ScriptedCluster()
      .topics(topicMetadata('rows', [1]))
      .answers(createTopics, () => created(['rows', 0]));
    await cluster.run(cluster.admin(3).createTopics([rows]));
    expect(cluster.sent(createTopics)[0]?.topics[0]?.replicationFactor).toBe(3);
  });

  it('that exist are left as they are; only what is missing is asked for again', async () => {
    const cluster = new ScriptedCluster()
      .topics(topicMetadata('rows', [1]), topicMetadata('more', [1]), topicMetadata('last', [1]))
      .answers(
        createTopics,
        () => created(['rows', 36], ['more', 0], ['last', 41]),
        () => created(['last', 0]),
      );
    const topics = ['rows', 'more', 'last'].map((topic) => ({ ...rows, topic }));
    await cluster.run(cluster.admin().createTopics(topics));
    const asked = cluster.sent(createTopics).map((request) => request.topics.map((t) => t.topic));
    expect(asked).toEqual([['rows', 'more', 'last'], ['last']]);
  });

  it('are there when an answer is lost and the next one says that they exist', async () => {
    const cluster = new ScriptedCluster()
      .topics(topicMetadata('rows', [1]))
      .answers(createTopics, lost, () => created(['rows', 36]));
    await cluster.run(cluster.admin().createTopics([rows]));
  });

  it('are waited for until each partition has a leader', async () => {
    const cluster = new ScriptedCluster()
      .topics(topicMetadata('rows', [], 3))
      .answers(createTopics, () => created(['rows', 0]));
    const { scheduler } = cluster.runtime;
    scheduler.after(1_000, () => cluster.topics(topicMetadata('rows', [1, -1])));
    scheduler.after(2_000, () => cluster.topics(topicMetadata('rows', [1, 2])));
    await cluster.run(cluster.admin().createTopics([rows]));
    expect(cluster.nowMs).toBeGreaterThanOrEqual(2_000);
    expect(cluster.connections.forgotten).toEqual(['rows']);
  });

  it.each([
    [29, 'NOT_AUTHORIZED', "Grant 'Create'"],
    [31, 'NOT_AUTHORIZED', "Grant 'Create'"],
    [38, 'BAD_OPTION', 'number of brokers'],
    [37, 'BAD_OPTION', 'so it is'],
    [40, 'BAD_OPTION', 'so it is'],
    [44, 'BROKER_ERROR', 'policy'],
    [17, 'BAD_NAME', 'so it is'],
  ])(
    'that the cluster refuses with %i are named with what it says',
    async (errorCode, code, text) => {
      const cluster = new ScriptedCluster().answers(createTopics, () =>
        created(['rows', errorCode]),
      );
      const refused = cluster.run(cluster.admin().createTopics([rows]));
      const where = { topic: 'rows' };
      await expect(refused).rejects.toMatchObject({ code, where, errorClass: 'fatal' });
      await expect(refused).rejects.toThrow(text);
    },
  );

  it('are given up when the cluster stays without a controller', async () => {
    const cluster = new ScriptedCluster().answers(createTopics, () => created(['rows', 41]));
    const refused = cluster.run(cluster.admin().createTopics([rows]));
    await expect(refused).rejects.toMatchObject({ errorClass: 'retriable' });
    expect(cluster.nowMs).toBeLessThan(31_000);
  });
});
