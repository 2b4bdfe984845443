import { expect, it } from 'vitest';
import { GroupCoordinator } from '../../../../../src/core/log/embedded/group-coordinator.ts';
import { kafkaGroupClient } from '../../../../../src/core/log/kafka/group/kafka-group-client.ts';
import { heartbeat } from '../../../../../src/core/log/kafka/wire/messages/heartbeat.ts';
import { joinGroup } from '../../../../../src/core/log/kafka/wire/messages/join-group.ts';
import { leaveGroup } from '../../../../../src/core/log/kafka/wire/messages/leave-group.ts';
import { LogError } from '../../../../../src/core/model/errors.ts';
import { createSimulatedRuntime } from '../../../../../src/core/runtime/simulated-runtime.ts';
import {
  HEARTBEAT_INTERVAL_MS,
  joinRequest,
  roundRobin,
  SESSION_TIMEOUT_MS,
  TestMember,
  type TestMemberOptions,
} from '../../../../support/group-fixture.ts';
import { scriptedCoordinator } from './scripted-coordinator.ts';

const throttleMs = 0;

/** One member of the engine; others use the coordinator without a wire between. */
async function joinOne(over: Partial<TestMemberOptions> = {}) {
  const runtime = createSimulatedRuntime({ seed: 1 });
  const coordinator = new GroupCoordinator(runtime);
  const connections = scriptedCoordinator(coordinator);
  const client = kafkaGroupClient(connections, runtime);
  const assignor = roundRobin(4);
  const member = new TestMember({ instanceId: 'a', runtime, client, assignor, ...over });
  await runtime.runUntil(member.join());
  const joins = () => connections.seen.filter(({ api }) => api === 'JoinGroup').length;
  return { runtime, coordinator, connections, member, joins };
}

it('K18: partitions are given back before the join that gives them away', async () => {
  const seen: number[] = [];
  let joins = () => 0;
  const group = await joinOne({
    async whileRevoking() {
      seen.push(joins());
      await group.runtime.scheduler.sleep(SESSION_TIMEOUT_MS / 2);
      seen.push(joins());
    },
  });
  joins = group.joins;
  void group.coordinator.join(joinRequest('b')).catch(() => undefined);
  await group.runtime.advance(2 * SESSION_TIMEOUT_MS);
  expect(seen).toEqual([2, 2]);
  expect(joins()).toBeGreaterThan(2);
});

it('K19: an error that no repeat heals ends the membership and is told', async () => {
  const { runtime, connections, member } = await joinOne();
  connections.on(heartbeat, () => ({ throttleMs, errorCode: 30 }));
  await runtime.advance(2 * HEARTBEAT_INTERVAL_MS);
  expect(member.events.at(-1)).toBe('failed');
  expect(member.failure).toMatchObject({ code: 'NOT_AUTHORIZED', errorClass: 'fatal' });
});

it('goes on when a coordinator is away for less than a session', async () => {
  const { runtime, coordinator, connections, member } = await joinOne();
  connections.on(heartbeat, () => ({ throttleMs, errorCode: 16 }));
  await runtime.advance(SESSION_TIMEOUT_MS / 2);
  connections.on(heartbeat, async (request) => {
    await coordinator.heartbeat({ ...request, instanceId: 'a' });
    return { throttleMs, errorCode: 0 };
  });
  await runtime.advance(2 * SESSION_TIMEOUT_MS);
  expect(member.events).toEqual(['assigned 0,1,2,3 in 1']);
});

it('leaves without waiting for a join that nobody answers', async () => {
  const { runtime, connections, member } = await joinOne();
  connections
    .on(heartbeat, () => ({ throttleMs, errorCode: 25 }))
    .on(joinGroup, () => new Promise(() => undefined));
  await runtime.advance(2 * HEARTBEAT_INTERVAL_MS);
  expect(member.events.at(-1)).toBe('lost');
  const startMs = runtime.clock.monotonicTimeMs();
  await runtime.runUntil(member.leave());
  expect(runtime.clock.monotonicTimeMs()).toBe(startMs);
  expect(connections.seen.at(-1)).toMatchObject({
    api: 'LeaveGroup',
    request: { members: [{ memberId: '', instanceId: 'a' }] },
  });
});

it('leaves in the end when no broker can be reached', async () => {
  const { runtime, connections, member } = await joinOne();
  connections.on(leaveGroup, () => {
    throw new LogError('retriable', 'BROKER_UNREACHABLE', 'The cable is out.');
  });
  const startMs = runtime.clock.monotonicTimeMs();
  await runtime.runUntil(member.leave());
  expect(runtime.clock.monotonicTimeMs() - startMs).toBeLessThan(7_000);
});

const unreachable = (): never => {
  throw new LogError('retriable', 'BROKER_UNREACHABLE', 'The cable is out.');
};

it('a join outlives an outage of minutes', async () => {
  const { runtime, connections, member } = await joinOne();
  connections.coordinator = unreachable;
  member.membership?.rejoin();
  await runtime.advance(600_000);
  connections.coordinator = () => 1;
  await runtime.advance(2_000 + SESSION_TIMEOUT_MS);
  expect(member.failure).toBeNull();
  expect(member.events.slice(1)).toEqual(['lost', 'assigned 0,1,2,3 in 2']);
});

it('a first join ends with its error when no broker is reached for half a minute', async () => {
  const runtime = createSimulatedRuntime({ seed: 1 });
  const connections = scriptedCoordinator(new GroupCoordinator(runtime));
  connections.coordinator = unreachable;
  const client = kafkaGroupClient(connections, runtime);
  const member = new TestMember({ instanceId: 'a', runtime, client, assignor: roundRobin(4) });
  const refused = expect(member.join()).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' });
  await runtime.advance(45_000);
  await refused;
});
