import { describe, expect, it } from 'vitest';
import { LogError } from '../../src/core/model/errors.ts';
import type { Assignor } from '../../src/core/log/port.ts';
import {
  HEARTBEAT_INTERVAL_MS,
  joinRequest,
  roundRobin,
  SESSION_TIMEOUT_MS,
  TestMember,
  type GroupUnderTest,
  type TestMemberOptions,
} from '../support/group-fixture.ts';

type Law = (group: GroupUnderTest) => Promise<void>;

const PARTITIONS = 4;
/** Long enough for the two rebalances of a cooperative move. */
const SETTLE_MS = 5 * HEARTBEAT_INTERVAL_MS;

async function join(
  { runtime, client }: GroupUnderTest,
  instanceId: string,
  over: Partial<TestMemberOptions> = {},
): Promise<TestMember> {
  const assignor = roundRobin(PARTITIONS);
  const member = new TestMember({ instanceId, runtime, client, assignor, ...over });
  await runtime.runUntil(member.join());
  return member;
}

const errorClassOf = (error: unknown) => error instanceof LogError && error.errorClass;

const ownedBy = (...members: TestMember[]) => members.map(({ owned }) => [...owned].toSorted());

export const membershipLaws: Record<string, Law> = {
  'joining ends with the first assignment in the hands of the listener': async (group) => {
    const a = await join(group, 'a');
    expect(a.events).toEqual(['assigned 0,1,2,3 in 1']);
    expect(a.membership?.metadata).toEqual(a.metadata);
    await group.check(a.metadata);
  },
  'a partition that moves is revoked before another member is given it': async (group) => {
    const order: string[] = [];
    const onChange = ({ instanceId, events }: TestMember) =>
      order.push(`${instanceId} ${events.at(-1)?.replace(/ in .*/, '')}`);
    await join(group, 'a', { onChange });
    await join(group, 'b', { onChange });
    await group.runtime.advance(SETTLE_MS);
    const [revoked, given] = [order.indexOf('a revoked 1,3'), order.indexOf('b assigned 1,3')];
    expect(revoked).toBeGreaterThan(0);
    expect(given).toBeGreaterThan(revoked);
  },
  'partitions that stay are never revoked': async (group) => {
    const a = await join(group, 'a');
    const b = await join(group, 'b');
    await group.runtime.advance(SETTLE_MS);
    expect(ownedBy(a, b)).toEqual([
      [0, 2],
      [1, 3],
    ]);
    expect(a.events.filter((event) => event.startsWith('revoked'))).toEqual(['revoked 1,3']);
    expect(b.events.filter((event) => event.startsWith('revoked'))).toEqual([]);
  },
  'what is revoked can still be committed, and nobody else gets it meanwhile': async (group) => {
    const seen: string[] = [];
    const others: TestMember[] = [];
    const whileRevoking = async (member: TestMember) => {
      await group.runtime.scheduler.sleep(SESSION_TIMEOUT_MS / 2);
      await group.check(member.membership?.metadata ?? member.metadata);
      seen.push(...others.map(({ owned }) => `b has ${[...owned].join(',')}`));
    };
    await join(group, 'a', { whileRevoking });
    others.push(await join(group, 'b'));
    await group.runtime.advance(SESSION_TIMEOUT_MS);
    expect(seen).toEqual(['b has ']);
    expect(ownedBy(...others)).toEqual([[1, 3]]);
  },
  'heartbeats go on while the listener works': async (group) => {
    const whileRevoking = () => group.runtime.scheduler.sleep(5 * SESSION_TIMEOUT_MS);
    const a = await join(group, 'a', { whileRevoking });
    const b = await join(group, 'b');
    await group.runtime.advance(6 * SESSION_TIMEOUT_MS);
    expect([a, b].flatMap(({ events }) => events)).not.toContain('lost');
    expect(ownedBy(a, b)).toEqual([
      [0, 2],
      [1, 3],
    ]);
  },
  'a stuck member is thrown out; when it wakes it is told and joins again': async (group) => {
    const stuck = group.runtime.createProcess();
    const a = await join(group, 'a', { runtime: stuck });
    const b = await join(group, 'b');
    await group.runtime.advance(SETTLE_MS);
    const before = a.metadata;
    stuck.suspend();
    await group.runtime.advance(SESSION_TIMEOUT_MS + SETTLE_MS);
    expect(ownedBy(b)).toEqual([[0, 1, 2, 3]]);
    await expect(group.check(before)).rejects.toMatchObject({ errorClass: 'fenced' });
    stuck.resume();
    await group.runtime.advance(SETTLE_MS);
    expect(a.events.slice(-3)[0]).toBe('lost');
    expect(ownedBy(a, b)).toEqual([
      [0, 2],
      [1, 3],
    ]);
    await group.check(a.membership?.metadata ?? before);
  },
  'what was lost cannot be committed while the member is told': async (group) => {
    const commits: Promise<unknown>[] = [];
    const onChange = (member: TestMember) => {
      if (member.events.at(-1) !== 'lost') return;
      commits.push(group.check(member.membership!.metadata).then(() => 'taken', errorClassOf));
    };
    const stuck = group.runtime.createProcess();
    await join(group, 'a', { runtime: stuck, onChange });
    stuck.suspend();
    await group.runtime.advance(2 * SESSION_TIMEOUT_MS);
    stuck.resume();
    await group.runtime.advance(SETTLE_MS);
    expect(await Promise.all(commits)).toEqual(['fenced']);
  },
  'the earlier of two members with one instance id fails, the later one works on': async (
    group,
  ) => {
    const first = await join(group, 'a');
    const second = await join(group, 'a');
    await group.runtime.advance(SETTLE_MS);
    expect(first.failure).toMatchObject({ code: 'INSTANCE_FENCED' });
    expect(first.events).not.toContain('lost');
    expect(second.events).toEqual(['assigned 0,1,2,3 in 1']);
    expect(second.failure).toBeNull();
  },
  'rejoin brings new user data to the leader': async (group) => {
    const seen: string[] = [];
    const assignor: Assignor = (members) => {
      seen.push(members.map((member) => Buffer.from(member.userData).toString()).join());
      return roundRobin(PARTITIONS)(members);
    };
    const a = await join(group, 'a', { assignor });
    a.userData = new Uint8Array(Buffer.from('news'));
    a.membership?.rejoin();
    await group.runtime.advance(SETTLE_MS);
    expect(seen).toEqual(['', 'news']);
    expect(a.events.at(-1)).toBe('assigned 0,1,2,3 in 2');
  },
  'a rejoin is a rebalance, also of a follower that says nothing new': async (group) => {
    const a = await join(group, 'a');
    const b = await join(group, 'b');
    await group.runtime.advance(SETTLE_MS);
    const before = b.metadata.generation;
    b.membership?.rejoin();
    await group.runtime.advance(SETTLE_MS);
    expect(b.events.at(-1)).toBe(`assigned 1,3 in ${before + 1}`);
    expect(a.events.at(-1)).toBe(`assigned 0,2 in ${before + 1}`);
    b.membership?.rejoin();
    await group.runtime.advance(SETTLE_MS);
    expect(b.events.at(-1)).toBe(`assigned 1,3 in ${before + 2}`);
  },
  'who leaves while it waits for others is gone at once': async (group) => {
    const { client, runtime } = group;
    const a = await join(group, 'a');
    // Takes part in one rebalance and then in none.
    await runtime.runUntil(client.join(joinRequest('z')));
    void client.join(joinRequest('y')).catch(() => undefined);
    await runtime.advance(3 * HEARTBEAT_INTERVAL_MS);
    let hasLeft = false;
    const left = a.leave().then(() => (hasLeft = true));
    await runtime.advance(HEARTBEAT_INTERVAL_MS);
    expect(hasLeft).toBe(true);
    await left;
    await expect(group.check(a.metadata)).rejects.toMatchObject({ errorClass: 'fenced' });
    expect(a.failure).toBeNull();
  },
  'the partitions of a member that leaves go to the others': async (group) => {
    const a = await join(group, 'a');
    const b = await join(group, 'b');
    await group.runtime.advance(SETTLE_MS);
    const told = a.events.length;
    await group.runtime.runUntil(a.leave());
    await group.runtime.advance(SETTLE_MS);
    expect(ownedBy(a, b)).toEqual([[], [0, 1, 2, 3]]);
    expect(a.events.length).toBe(told);
  },
  'leaving twice is leaving once': async (group) => {
    const a = await join(group, 'a');
    await group.runtime.runUntil(a.leave());
    const back = await join(group, 'a');
    await group.runtime.runUntil(a.leave());
    await group.check(back.metadata);
  },
  'an assignor that throws refuses the first join': async (group) => {
    const assignor: Assignor = () => Promise.reject(new Error('no idea'));
    await expect(join(group, 'a', { assignor })).rejects.toThrow('no idea');
    // It has left: nobody waits for it.
    const b = await join(group, 'b');
    expect(ownedBy(b)).toEqual([[0, 1, 2, 3]]);
  },
  'a listener that throws ends the membership': async (group) => {
    const whileRevoking = () => Promise.reject(new Error('disk full'));
    const a = await join(group, 'a', { whileRevoking });
    const b = await join(group, 'b');
    await group.runtime.advance(SETTLE_MS);
    expect(a.failure).toMatchObject({ message: 'disk full' });
    await group.runtime.advance(SESSION_TIMEOUT_MS + SETTLE_MS);
    expect(ownedBy(b)).toEqual([[0, 1, 2, 3]]);
  },
  'a member that came back within the session time-out keeps its partitions': async (group) => {
    const crashing = group.runtime.createProcess();
    await join(group, 'a', { runtime: crashing });
    const b = await join(group, 'b');
    await group.runtime.advance(SETTLE_MS);
    const told = b.events.length;
    crashing.suspend();
    await group.runtime.advance(SESSION_TIMEOUT_MS / 2);
    const back = await join(group, 'a');
    await group.runtime.advance(2 * SESSION_TIMEOUT_MS);
    expect(ownedBy(back, b)).toEqual([
      [0, 2],
      [1, 3],
    ]);
    expect(b.events.length).toBe(told);
  },
  'members and strangers to the engine share a group': async (group) => {
    const a = await join(group, 'a');
    const stranger = group.client.join(joinRequest('z'));
    const { memberId } = await group.runtime.runUntil(stranger);
    expect(memberId).not.toBe('');
    await group.runtime.advance(2 * SESSION_TIMEOUT_MS + SETTLE_MS);
    expect(ownedBy(a)).toEqual([[0, 1, 2, 3]]);
  },
};

export function membershipContract(label: string, create: () => GroupUnderTest): void {
  describe(`Membership contract: ${label}`, () => {
    for (const [law, holds] of Object.entries(membershipLaws)) it(law, () => holds(create()));
  });
}
