import { describe, expect, it } from 'vitest';
import { GroupCoordinator } from '../../../../src/core/log/embedded/group-coordinator.ts';
import type { GroupClient } from '../../../../src/core/log/group/protocol.ts';
import { createSimulatedRuntime } from '../../../../src/core/runtime/simulated-runtime.ts';
import { groupLaws } from '../../../contracts/group.contract.ts';
import { membershipLaws } from '../../../contracts/membership.contract.ts';
import type { GroupUnderTest } from '../../../support/group-fixture.ts';

function sound(): GroupUnderTest {
  const runtime = createSimulatedRuntime({ seed: 1, maxCallsPerRun: 1_000 });
  const coordinator = new GroupCoordinator(runtime);
  return { runtime, client: coordinator, check: async (metadata) => coordinator.check(metadata) };
}

/** A sound group with some of its requests answered by another. */
function broken(mend: (group: GroupUnderTest) => Partial<GroupClient>): () => GroupUnderTest {
  return () => {
    const group = sound();
    const { client } = group;
    const requests: GroupClient = {
      join: (request) => client.join(request),
      sync: (request) => client.sync(request),
      heartbeat: (request) => client.heartbeat(request),
      leave: (request) => client.leave(request),
    };
    return { ...group, client: { ...requests, ...mend(group) } };
  };
}

const nothing = { partitions: [], userData: new Uint8Array() };

const brokenGroups: Record<string, () => GroupUnderTest> = {
  'takes every commit': () => ({ ...sound(), check: () => Promise.resolve() }),
  'refuses every commit': () => ({
    ...sound(),
    check: () => Promise.reject(new Error('refused')),
  }),
  'never tells of a rebalance': broken(({ client }) => ({
    heartbeat: (request) => client.heartbeat(request).then(() => 'stable'),
  })),
  'always tells of a rebalance': broken(({ client }) => ({
    heartbeat: (request) => client.heartbeat(request).then(() => 'rebalance'),
  })),
  'never refuses a heartbeat': broken(({ client }) => ({
    heartbeat: (request) => client.heartbeat(request).catch(() => 'stable'),
  })),
  'never hears a heartbeat': broken(() => ({ heartbeat: () => Promise.resolve('stable') })),
  'never expels': broken(({ client }) => ({
    join: (request) => client.join({ ...request, sessionTimeoutMs: 2 ** 30 }),
  })),
  'keeps who leaves': broken(() => ({ leave: () => Promise.resolve() })),
  'forgets what members own': broken(({ client }) => ({
    join: (request) => client.join({ ...request, owned: [] }),
  })),
  'forgets what members say': broken(({ client }) => ({
    join: (request) => client.join({ ...request, userData: new Uint8Array() }),
  })),
  'knows no instances': broken(({ client }) => {
    let joins = 0;
    return {
      join: (request) =>
        client.join({ ...request, instanceId: `${request.instanceId}${(joins += 1)}` }),
    };
  }),
  'answers a sync with nothing': broken(({ client }) => ({
    sync: (request) => client.sync(request).then(() => ({ kind: 'assigned', assignment: nothing })),
  })),
  'gives followers nothing': broken(({ client }) => ({
    sync: (request) =>
      request.assignments === null
        ? Promise.resolve({ kind: 'assigned', assignment: nothing })
        : client.sync(request),
  })),
  'has one generation': broken(({ client }) => ({
    join: (request) => client.join(request).then((answer) => ({ ...answer, generation: 1 })),
  })),
  'gives everybody a group of its own': broken(({ client }) => ({
    join: (request) => client.join({ ...request, group: request.instanceId }),
  })),
  'has one group for all': broken(({ client, check }) => ({
    heartbeat: (request) => client.heartbeat({ ...request, group: 'app' }),
    check,
  })),
  'takes every join for a new one': broken(({ client }) => ({
    join: (request) => client.join({ ...request, memberId: '' }),
  })),
  'loses what the leader assigns': broken(({ client }) => ({
    sync: (request) => client.sync({ ...request, assignments: null }),
  })),
};

const laws = Object.entries({ ...groupLaws, ...membershipLaws });

async function fails(law: (group: GroupUnderTest) => Promise<void>, group: GroupUnderTest) {
  try {
    // A broken group may never answer; the simulation notices.
    await law(group);
    return false;
  } catch {
    return true;
  }
}

describe('the laws of groups', () => {
  it.each(Object.entries(brokenGroups))('reject a group that %s', async (_, create) => {
    const outcomes = [];
    for (const [, law] of laws) outcomes.push(await fails(law, create()));
    expect(outcomes).toContain(true);
  });

  it.each(laws)('can fail: %s', async (_, law) => {
    const outcomes = [];
    for (const create of Object.values(brokenGroups)) outcomes.push(await fails(law, create()));
    expect(outcomes).toContain(true);
  });
});
