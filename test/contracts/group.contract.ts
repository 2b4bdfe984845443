import { describe, expect, it } from 'vitest';
import type { GroupMember, MemberAssignment } from '../../src/core/log/port.ts';
import type { JoinAnswer, SyncAnswer } from '../../src/core/log/group/protocol.ts';
import {
  GROUP,
  HEARTBEAT_INTERVAL_MS,
  joinRequest,
  partitionsOf,
  SESSION_TIMEOUT_MS,
  type GroupUnderTest,
} from '../support/group-fixture.ts';

type Law = (group: GroupUnderTest) => Promise<void>;

const unknownMember = { code: 'UNKNOWN_MEMBER', errorClass: 'fenced' };
const staleGeneration = { code: 'STALE_GENERATION', errorClass: 'fenced' };
const instanceFenced = { code: 'INSTANCE_FENCED', errorClass: 'fatal' };

const idOf = (instanceId: string, { memberId, generation }: JoinAnswer) => ({
  group: GROUP,
  instanceId,
  memberId,
  generation,
});

/** Everything to the member itself, which is then told apart by its one partition. */
function onePartitionEach(members: readonly GroupMember[]): Map<string, MemberAssignment> {
  const partitions = partitionsOf(members.length);
  return new Map(
    members.map(({ memberId, instanceId }, index) => [
      memberId,
      { partitions: partitions.slice(index, index + 1), userData: Buffer.from(instanceId) },
    ]),
  );
}

/** Joins as one member and settles the group. */
async function settleAlone({ client, runtime }: GroupUnderTest, instanceId = 'a') {
  const joined = await runtime.runUntil(client.join(joinRequest(instanceId)));
  const self = idOf(instanceId, joined);
  const assignments = onePartitionEach(joined.members ?? []);
  const synced = await runtime.runUntil(client.sync({ ...self, assignments }));
  return { self, synced };
}

/** Joins as two members, `a` being there first. */
async function gatherPair(group: GroupUnderTest) {
  const { client, runtime } = group;
  const { self } = await settleAlone(group);
  const newcomer = client.join(joinRequest('b'));
  await runtime.advance(0);
  const joins = [client.join(joinRequest('a', self)), newcomer] as const;
  const [a, b] = await runtime.runUntil(Promise.all(joins));
  return { a, b };
}

/** As `gatherPair`, and settles the group. */
async function settlePair(group: GroupUnderTest) {
  const { client, runtime } = group;
  const { a, b } = await gatherPair(group);
  expect(instancesIn(a)).toEqual(['a', 'b']);
  const ids = { a: idOf('a', a), b: idOf('b', b) };
  const assignments = onePartitionEach(a.members ?? []);
  const syncs = [
    client.sync({ ...ids.b, assignments: null }),
    client.sync({ ...ids.a, assignments }),
  ];
  const [bSynced, aSynced] = await runtime.runUntil(Promise.all(syncs));
  return { ...ids, aSynced, bSynced };
}

/** In no order: the leader is given them as they come. */
const instancesIn = (answer: JoinAnswer) =>
  answer.members?.map(({ instanceId }) => instanceId).toSorted();

const saidIn = (answer: SyncAnswer | undefined): string =>
  answer?.kind === 'assigned' ? Buffer.from(answer.assignment.userData).toString() : 'rebalance';

/** True if the promise has settled once all that can happen now has happened. */
async function hasSettled(group: GroupUnderTest, promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const settle = () => (settled = true);
  promise.then(settle, settle);
  await group.runtime.advance(0);
  return settled;
}

export const groupLaws: Record<string, Law> = {
  'a member alone leads, sees itself and is given what it assigned': async (group) => {
    const { self, synced } = await settleAlone(group);
    expect(self.generation).toBeGreaterThan(0);
    expect(saidIn(synced)).toBe('a');
  },
  'a generation begins when all members have joined, and not before': async (group) => {
    const { client, runtime } = group;
    const { self } = await settleAlone(group);
    const newcomer = client.join(joinRequest('b'));
    expect(await hasSettled(group, newcomer)).toBe(false);
    const [a, b] = await runtime.runUntil(
      Promise.all([client.join(joinRequest('a', self)), newcomer]),
    );
    expect([a.generation, b.generation]).toEqual([self.generation + 1, self.generation + 1]);
  },
  'one member leads; each is given what the leader assigned to it': async (group) => {
    const { aSynced, bSynced } = await settlePair(group);
    expect([saidIn(aSynced), saidIn(bSynced)]).toEqual(['a', 'b']);
  },
  'followers wait for the leader to assign': async (group) => {
    const { b } = await gatherPair(group);
    expect(b.members).toBeNull();
    const sync = group.client.sync({ ...idOf('b', b), assignments: null });
    expect(await hasSettled(group, sync)).toBe(false);
  },
  'the leader sees what members said and owned at their last join': async (group) => {
    const { client, runtime } = group;
    const { self } = await settleAlone(group);
    const said = { userData: new TextEncoder().encode('news'), owned: partitionsOf(2) };
    const again = await runtime.runUntil(client.join(joinRequest('a', { ...self, ...said })));
    expect(again.members).toEqual([{ memberId: self.memberId, instanceId: 'a', ...said }]);
  },
  'a heartbeat tells of a rebalance, and only then': async (group) => {
    const { client } = group;
    const { self } = await settleAlone(group);
    expect(await client.heartbeat(self)).toBe('stable');
    void client.join(joinRequest('b')).catch(() => undefined);
    await group.runtime.advance(0);
    expect(await client.heartbeat(self)).toBe('rebalance');
  },
  'heartbeats keep a member, silence expels it': async (group) => {
    const { client, runtime } = group;
    const { self } = await settleAlone(group);
    for (let passedMs = 0; passedMs < 3 * SESSION_TIMEOUT_MS; passedMs += HEARTBEAT_INTERVAL_MS) {
      expect(await client.heartbeat(self)).toBe('stable');
      await runtime.advance(HEARTBEAT_INTERVAL_MS);
    }
    await runtime.advance(SESSION_TIMEOUT_MS);
    await expect(client.heartbeat(self)).rejects.toMatchObject(unknownMember);
  },
  'an expelled member does not hold the others up': async (group) => {
    const { client, runtime } = group;
    const { self } = await settleAlone(group);
    const newcomer = client.join(joinRequest('b'));
    await runtime.advance(SESSION_TIMEOUT_MS);
    const b = await runtime.runUntil(newcomer);
    expect(instancesIn(b)).toEqual(['b']);
    await expect(group.check(self)).rejects.toMatchObject(unknownMember);
  },
  'who sends heartbeats but does not join in time is expelled': async (group) => {
    const { client, runtime } = group;
    const { self } = await settleAlone(group);
    const newcomer = client.join(joinRequest('b'));
    for (let beat = 0; beat < SESSION_TIMEOUT_MS / HEARTBEAT_INTERVAL_MS - 1; beat += 1) {
      await runtime.advance(HEARTBEAT_INTERVAL_MS);
      expect(await client.heartbeat(self)).toBe('rebalance');
    }
    await runtime.advance(HEARTBEAT_INTERVAL_MS);
    expect((await runtime.runUntil(newcomer)).members?.length).toBe(1);
    await expect(client.heartbeat(self)).rejects.toMatchObject(unknownMember);
  },
  'a leader that does not assign in time is expelled': async (group) => {
    const { client, runtime } = group;
    const leader = idOf('a', await runtime.runUntil(client.join(joinRequest('a'))));
    for (let beat = 0; beat < SESSION_TIMEOUT_MS / HEARTBEAT_INTERVAL_MS - 1; beat += 1) {
      await runtime.advance(HEARTBEAT_INTERVAL_MS);
      await client.heartbeat(leader);
    }
    await runtime.advance(HEARTBEAT_INTERVAL_MS);
    await expect(client.heartbeat(leader)).rejects.toMatchObject(unknownMember);
  },
  'who leaves is gone at once, and the others rebalance': async (group) => {
    const { client } = group;
    const { a, b } = await settlePair(group);
    await client.leave(a);
    await expect(group.check(a)).rejects.toMatchObject(unknownMember);
    expect(await client.heartbeat(b)).toBe('rebalance');
    const { members } = await group.runtime.runUntil(client.join(joinRequest('b', b)));
    expect(members?.map((member) => member.instanceId)).toEqual(['b']);
  },
  'an instance that comes back takes its place without a rebalance': async (group) => {
    const { client, runtime } = group;
    const { a, b } = await settlePair(group);
    await runtime.advance(SESSION_TIMEOUT_MS / 2);
    const back = await runtime.runUntil(client.join(joinRequest('b')));
    expect(back.generation).toBe(b.generation);
    expect(back.memberId).not.toBe(b.memberId);
    const sync = client.sync({ ...idOf('b', back), assignments: null });
    expect(saidIn(await runtime.runUntil(sync))).toBe('b');
    expect(await client.heartbeat(a)).toBe('stable');
  },
  'a leader that comes back leads on': async (group) => {
    const { client, runtime } = group;
    await settlePair(group);
    const back = await runtime.runUntil(client.join(joinRequest('a')));
    const newcomer = client.join(joinRequest('c'));
    await runtime.advance(0);
    const a = client.join(joinRequest('a', { memberId: back.memberId }));
    await runtime.advance(SESSION_TIMEOUT_MS);
    const [led, followed] = await runtime.runUntil(Promise.all([a, newcomer]));
    expect(instancesIn(led)).toEqual(['a', 'c']);
    expect(followed.members).toBeNull();
  },
  'of two members with one instance id the later one stays': async (group) => {
    const { client, runtime } = group;
    const { self } = await settleAlone(group);
    const second = idOf('a', await runtime.runUntil(client.join(joinRequest('a'))));
    const first = { ...self, assignments: null };
    await expect(client.heartbeat(self)).rejects.toMatchObject(instanceFenced);
    await expect(client.sync(first)).rejects.toMatchObject(instanceFenced);
    await expect(client.join(joinRequest('a', self))).rejects.toMatchObject(instanceFenced);
    await expect(group.check(self)).rejects.toMatchObject(unknownMember);
    expect(await client.heartbeat(second)).toBe('stable');
  },
  'a join repeated for a lost answer is given the same answer': async (group) => {
    const { client, runtime } = group;
    const first = await runtime.runUntil(client.join(joinRequest('a')));
    const request = joinRequest('a', { memberId: first.memberId });
    expect(await runtime.runUntil(client.join(request))).toEqual(first);
  },
  'a sync repeated for a lost answer is given the same answer': async (group) => {
    const { self, synced } = await settleAlone(group);
    const again = group.client.sync({ ...self, assignments: null });
    expect(await group.runtime.runUntil(again)).toEqual(synced);
  },
  'a sync is told of a rebalance that came between': async (group) => {
    const { client, runtime } = group;
    const joined = await runtime.runUntil(client.join(joinRequest('a')));
    void client.join(joinRequest('b')).catch(() => undefined);
    await runtime.advance(0);
    const assignments = onePartitionEach(joined.members ?? []);
    const answer = await client.sync({ ...idOf('a', joined), assignments });
    expect(answer.kind).toBe('rebalance');
  },
  'the current member may commit, also while a rebalance gathers': async (group) => {
    const { self } = await settleAlone(group);
    await group.check(self);
    void group.client.join(joinRequest('b')).catch(() => undefined);
    await group.runtime.advance(0);
    await group.check(self);
  },
  'an older generation is refused': async (group) => {
    const { client, runtime } = group;
    const { self } = await settleAlone(group);
    const now = idOf('a', await runtime.runUntil(client.join(joinRequest('a', self))));
    await group.check(now);
    await expect(group.check(self)).rejects.toMatchObject(staleGeneration);
    await expect(client.heartbeat(self)).rejects.toMatchObject(staleGeneration);
    const sync = client.sync({ ...self, assignments: null });
    await expect(sync).rejects.toMatchObject(staleGeneration);
  },
  'without a member id commits are taken only while the group is empty': async (group) => {
    const nobody = { group: GROUP, generation: -1, memberId: '' };
    await group.check(nobody);
    const { self } = await settleAlone(group);
    await expect(group.check(nobody)).rejects.toMatchObject(unknownMember);
    await group.client.leave(self);
    await group.check(nobody);
  },
  'groups know nothing of each other': async (group) => {
    const { self } = await settleAlone(group);
    const other = { ...self, group: 'other' };
    // A broker that never heard of the group calls the generation stale.
    await expect(group.check(other)).rejects.toMatchObject({ errorClass: 'fenced' });
    await expect(group.client.heartbeat(other)).rejects.toMatchObject(unknownMember);
  },
};

export function groupContract(label: string, create: () => GroupUnderTest): void {
  describe(`Group contract: ${label}`, () => {
    for (const [law, holds] of Object.entries(groupLaws)) it(law, () => holds(create()));
  });
}
