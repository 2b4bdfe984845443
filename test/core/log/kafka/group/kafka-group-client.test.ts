import { describe, expect, it } from 'vitest';
import type { Connections } from '../../../../../src/core/log/kafka/connections/connections.ts';
import { encodeAssignment } from '../../../../../src/core/log/kafka/group/consumer-protocol.ts';
import { kafkaGroupClient } from '../../../../../src/core/log/kafka/group/kafka-group-client.ts';
import { heartbeat } from '../../../../../src/core/log/kafka/wire/messages/heartbeat.ts';
import { joinGroup } from '../../../../../src/core/log/kafka/wire/messages/join-group.ts';
import { leaveGroup } from '../../../../../src/core/log/kafka/wire/messages/leave-group.ts';
import { syncGroup } from '../../../../../src/core/log/kafka/wire/messages/sync-group.ts';
import { LogError } from '../../../../../src/core/model/errors.ts';
import { createSimulatedRuntime } from '../../../../../src/core/runtime/simulated-runtime.ts';
import { joinRequest, SESSION_TIMEOUT_MS } from '../../../../support/group-fixture.ts';
import { ScriptedConnections } from '../../../../support/scripted-connections.ts';
import { refusedJoin } from './scripted-coordinator.ts';

const throttleMs = 0;
const nothing = new Uint8Array();
const self = { group: 'app', instanceId: 'a', memberId: 'a-1', generation: 7 };
const joined = (memberId: string, leader = 'another') => ({
  ...refusedJoin(0, memberId),
  generation: 7,
  protocol: 'millrace',
  leader,
});
const lost = () => {
  throw new LogError('abort-and-reinitialise', 'REQUEST_TIMED_OUT', 'The answer is lost.');
};
const never = <T>() => new Promise<T>(() => undefined);

function create() {
  const runtime = createSimulatedRuntime({ seed: 1 });
  const connections = new ScriptedConnections();
  return { runtime, connections, client: kafkaGroupClient(connections, runtime) };
}

const requestsOf = ({ seen }: ScriptedConnections, api: string) =>
  seen.filter((sent) => sent.api === api).map(({ request }) => request);

describe('a join', () => {
  it('is one of a consumer that knows one protocol', async () => {
    const { connections, client } = create();
    connections.on(joinGroup, () => joined('a-1'));
    await client.join(joinRequest('a'));
    const metadata = '0002000000010002696e0000000000000000ffffffff';
    expect(requestsOf(connections, 'JoinGroup')).toEqual([
      {
        group: 'app',
        sessionTimeoutMs: SESSION_TIMEOUT_MS,
        rebalanceTimeoutMs: SESSION_TIMEOUT_MS,
        memberId: '',
        instanceId: 'a',
        protocolType: 'consumer',
        protocols: [{ name: 'millrace', metadata: Buffer.from(metadata, 'hex') }],
      },
    ]);
  });

  it('may take as long as the others need', async () => {
    const { connections, runtime } = create();
    const timeouts: (number | undefined)[] = [];
    connections.on(joinGroup, () => joined('a-1'));
    const watched: Connections = Object.create(connections, {
      call: {
        value: (...args: Parameters<Connections['call']>) => {
          timeouts.push(args[3]?.timeoutMs);
          return connections.call(args[0], args[1], args[2]);
        },
      },
    }) as Connections; // all but `call` is inherited
    await kafkaGroupClient(watched, runtime).join(joinRequest('a'));
    expect(timeouts).toEqual([SESSION_TIMEOUT_MS + 5_000]);
  });

  it('is sent again with the member id that the broker wants to see', async () => {
    const { connections, client } = create();
    connections.on(joinGroup, ({ memberId }) =>
      memberId === '' ? refusedJoin(79, 'a-9') : joined(memberId),
    );
    expect((await client.join(joinRequest('a'))).memberId).toBe('a-9');
  });

  it('tells the leader alone who is there', async () => {
    const { connections, client } = create();
    const metadata = Buffer.from('0001000000000000000255440000000100026f6b00000000', 'hex');
    const answer = {
      ...joined('a-1', 'a-1'),
      members: [{ memberId: 'x', instanceId: null, metadata }],
    };
    connections.on(joinGroup, () => answer);
    const userData = new TextEncoder().encode('UD');
    expect((await client.join(joinRequest('a'))).members).toEqual([
      { memberId: 'x', instanceId: 'x', userData, owned: [] },
    ]);
    connections.on(joinGroup, () => ({ ...answer, leader: 'x' }));
    expect((await client.join(joinRequest('a'))).members).toBeNull();
  });

  it('of an instance that comes back leaves the assigning alone', async () => {
    const { connections, client } = create();
    // The old id of this very instance.
    connections.on(joinGroup, () => joined('a-2', 'a-1'));
    const answer = await client.join(joinRequest('a'));
    expect(answer).toEqual({ memberId: 'a-2', generation: 7, members: null });
  });
});

describe('a sync', () => {
  it('without bytes is an assignment of nothing', async () => {
    const { connections, client } = create();
    connections.on(syncGroup, () => ({ throttleMs, errorCode: 0, assignment: nothing }));
    const answer = await client.sync({ ...self, assignments: null });
    expect(answer).toEqual({
      kind: 'assigned',
      assignment: { partitions: [], userData: nothing },
    });
  });

  it('carries an assignment for each member', async () => {
    const { connections, client } = create();
    connections.on(syncGroup, () => ({ throttleMs, errorCode: 27, assignment: nothing }));
    const given = { partitions: [{ topic: 'in', partition: 2 }], userData: Buffer.from('UD') };
    const answer = await client.sync({ ...self, assignments: new Map([['b-1', given]]) });
    expect(answer).toEqual({ kind: 'rebalance' });
    expect(requestsOf(connections, 'SyncGroup')).toMatchObject([
      { assignments: [{ memberId: 'b-1', assignment: encodeAssignment(given) }] },
    ]);
  });
});

describe('what a broker answers', () => {
  it.each([
    [22, 'STALE_GENERATION', 'fenced'],
    [25, 'UNKNOWN_MEMBER', 'fenced'],
    [82, 'INSTANCE_FENCED', 'fatal'],
    [14, 'BROKER_NOT_READY', 'retriable'],
    [15, 'BROKER_NOT_READY', 'retriable'],
    [16, 'BROKER_NOT_READY', 'retriable'],
    [23, 'BROKER_ERROR', 'fatal'],
    [24, 'BAD_NAME', 'fatal'],
    [26, 'BAD_OPTION', 'fatal'],
    [30, 'NOT_AUTHORIZED', 'fatal'],
    [81, 'BROKER_ERROR', 'fatal'],
  ])('with %i is %s to every request', async (errorCode, code, errorClass) => {
    const { connections, client } = create();
    connections
      .on(joinGroup, () => refusedJoin(errorCode))
      .on(syncGroup, () => ({ throttleMs, errorCode, assignment: nothing }))
      .on(heartbeat, () => ({ throttleMs, errorCode }))
      .on(leaveGroup, ({ members }) => ({
        throttleMs,
        errorCode: 0,
        members: members.map((member) => ({ ...member, errorCode })),
      }));
    const refused = { code, errorClass };
    await expect(client.join(joinRequest('a'))).rejects.toMatchObject(refused);
    await expect(client.sync({ ...self, assignments: null })).rejects.toMatchObject(refused);
    await expect(client.heartbeat(self)).rejects.toMatchObject(refused);
    await expect(client.leave(self)).rejects.toMatchObject(refused);
  });

  it.each([15, 16])('with %i has the coordinator looked up again', async (errorCode) => {
    const { connections, client } = create();
    connections.on(heartbeat, () => ({ throttleMs, errorCode }));
    await expect(client.heartbeat(self)).rejects.toThrow();
    expect(connections.forgotten).toEqual(['group app']);
  });

  it('not at all has the coordinator looked up again', async () => {
    const { connections, client } = create();
    connections.on(heartbeat, lost);
    await expect(client.heartbeat(self)).rejects.toThrow('The answer is lost.');
    expect(connections.forgotten).toEqual(['group app']);
  });
});

describe('a join whose answer was lost', () => {
  const fenced = () => ({ throttleMs, errorCode: 82 });
  const lose = async ({ connections, client }: ReturnType<typeof create>) => {
    connections.on(joinGroup, lost).on(heartbeat, fenced);
    await expect(client.join(joinRequest('a'))).rejects.toThrow('The answer is lost.');
    connections.on(joinGroup, () => joined('a-1'));
    await client.join(joinRequest('a'));
  };

  it('and that comes late makes the member join once more, and does not end it', async () => {
    const group = create();
    await lose(group);
    await expect(group.client.heartbeat(self)).rejects.toMatchObject({ code: 'UNKNOWN_MEMBER' });
    await expect(group.client.heartbeat(self)).rejects.toMatchObject({ code: 'INSTANCE_FENCED' });
  });

  it('does not come for ever', async () => {
    const group = create();
    await lose(group);
    await group.runtime.advance(SESSION_TIMEOUT_MS + 1);
    await expect(group.client.heartbeat(self)).rejects.toMatchObject({ code: 'INSTANCE_FENCED' });
  });

  it('is none if it had a member id', async () => {
    const { connections, client } = create();
    connections.on(joinGroup, lost).on(heartbeat, fenced);
    await expect(client.join(joinRequest('a', self))).rejects.toThrow('The answer is lost.');
    await expect(client.heartbeat(self)).rejects.toMatchObject({ code: 'INSTANCE_FENCED' });
  });
});

describe('a leave', () => {
  it('breaks off a join that waits', async () => {
    const { connections, client } = create();
    connections.on(joinGroup, never).on(leaveGroup, ({ members }) => ({
      throttleMs,
      errorCode: 0,
      members: members.map((member) => ({ ...member, errorCode: 0 })),
    }));
    const join = client.join(joinRequest('a'));
    const refused = expect(join).rejects.toMatchObject({ code: 'REQUEST_TIMED_OUT' });
    await Promise.resolve();
    await client.leave({ group: 'app', instanceId: 'a', memberId: '' });
    await refused;
    expect(connections.resets).toEqual([1]);
    expect(requestsOf(connections, 'LeaveGroup')).toEqual([
      { group: 'app', members: [{ memberId: '', instanceId: 'a' }] },
    ]);
  });

  it('keeps a join from being sent that still looks for its coordinator', async () => {
    const { connections, client } = create();
    connections
      .on(joinGroup, () => joined('a-1'))
      .on(leaveGroup, () => ({
        throttleMs,
        errorCode: 0,
        members: [],
      }));
    const refused = expect(client.join(joinRequest('a'))).rejects.toThrow('the member leaves');
    await client.leave({ group: 'app', instanceId: 'a', memberId: '' });
    await refused;
    expect(connections.seen.map(({ api }) => api)).toEqual(['LeaveGroup']);
  });
});
