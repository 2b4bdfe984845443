import { describe, expect, it } from 'vitest';
import { deleteGroups } from '../../../../../src/core/log/kafka/wire/messages/delete-groups.ts';
import { deleteTopics } from '../../../../../src/core/log/kafka/wire/messages/delete-topics.ts';
import { describeGroups } from '../../../../../src/core/log/kafka/wire/messages/describe-groups.ts';
import { listTopics } from '../../../../../src/core/log/kafka/wire/messages/list-topics.ts';
import { lost, ScriptedCluster, topicMetadata } from './scripted-cluster.ts';

const deleted = (errorCode: number) => ({ throttleMs: 0, groups: [{ group: 'app', errorCode }] });
const topicsDeleted = (...codes: readonly (readonly [string, number])[]) => ({
  throttleMs: 0,
  topics: codes.map(([topic, errorCode]) => ({ topic, errorCode })),
});

describe('A group', () => {
  it('has the members that its coordinator tells', async () => {
    const member = { memberId: 'm', instanceId: null, clientId: 'c', clientHost: 'h' };
    const none = Buffer.alloc(0);
    const cluster = new ScriptedCluster().answers(describeGroups, () => ({
      throttleMs: 0,
      groups: [
        {
          ...{ errorCode: 0, group: 'app', state: 'Stable', protocolType: 'consumer' },
          ...{ protocol: 'p', operations: 0 },
          members: [{ ...member, metadata: none, assignment: none }],
        },
      ],
    }));
    expect(await cluster.run(cluster.admin().groupMembers('app'))).toBe(1);
  });

  it.each([0, 69])('is forgotten, or was never there: %i', async (errorCode) => {
    const cluster = new ScriptedCluster().answers(deleteGroups, () => deleted(errorCode));
    await cluster.run(cluster.admin().deleteGroup('app'));
    expect(cluster.sent(deleteGroups)).toEqual([{ groups: ['app'] }]);
  });

  it('with members is not forgotten', async () => {
    const cluster = new ScriptedCluster().answers(deleteGroups, () => deleted(68));
    const refused = cluster.run(cluster.admin().deleteGroup('app'));
    await expect(refused).rejects.toMatchObject({ code: 'GROUP_NOT_EMPTY' });
  });

  it('whose coordinator has moved is asked for again', async () => {
    const cluster = new ScriptedCluster().answers(
      deleteGroups,
      () => deleted(16),
      lost,
      () => deleted(0),
    );
    await cluster.run(cluster.admin().deleteGroup('app'));
    expect(cluster.sent(deleteGroups)).toHaveLength(3);
  });

  it('that may not be deleted names the right', async () => {
    const cluster = new ScriptedCluster().answers(deleteGroups, () => deleted(30));
    const refused = cluster.run(cluster.admin().deleteGroup('app'));
    await expect(refused).rejects.toThrow("Grant 'Delete' on the group");
  });
});

describe('Deleted topics', () => {
  it('are asked for again where that failed, and those that are gone are not', async () => {
    const cluster = new ScriptedCluster().topics().answers(
      deleteTopics,
      () => topicsDeleted(['a', 0], ['b', 41], ['c', 3]),
      () => topicsDeleted(['b', 0]),
    );
    await cluster.run(cluster.admin().deleteTopics(['a', 'b', 'c']));
    expect(cluster.sent(deleteTopics).map(({ topics }) => topics)).toEqual([
      ['a', 'b', 'c'],
      ['b'],
    ]);
  });

  it('are waited for until no broker knows them', async () => {
    const cluster = new ScriptedCluster()
      .topics(topicMetadata('a', [1]))
      .answers(deleteTopics, () => topicsDeleted(['a', 0]));
    cluster.runtime.scheduler.after(2_000, () => void cluster.topics());
    await cluster.run(cluster.admin().deleteTopics(['a']));
    expect(cluster.nowMs).toBeGreaterThanOrEqual(2_000);
  });

  it('without the right to it name topic and right', async () => {
    const cluster = new ScriptedCluster().answers(deleteTopics, () => topicsDeleted(['a', 29]));
    const refused = cluster.run(cluster.admin().deleteTopics(['a']));
    await expect(refused).rejects.toMatchObject({ code: 'NOT_AUTHORIZED', where: { topic: 'a' } });
  });
});

it('The list of topics leaves those of the brokers out', async () => {
  const topic = (name: string, isInternal: boolean) => {
    return { errorCode: 0, name, isInternal, partitions: [] };
  };
  const cluster = new ScriptedCluster().answers(listTopics, () => ({
    ...{ throttleMs: 0, brokers: [], clusterId: null, controllerId: 1 },
    topics: [topic('in', false), topic('__consumer_offsets', true)],
  }));
  expect(await cluster.run(cluster.admin().listTopics())).toEqual(['in']);
});
