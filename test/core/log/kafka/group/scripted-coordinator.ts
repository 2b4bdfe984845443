import type { GroupCoordinator } from '../../../../../src/core/log/embedded/group-coordinator.ts';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from '../../../../../src/core/log/kafka/group/consumer-protocol.ts';
import type { Carried } from '../../../../../src/core/log/kafka/wire/codec.ts';
import { heartbeat } from '../../../../../src/core/log/kafka/wire/messages/heartbeat.ts';
import { joinGroup } from '../../../../../src/core/log/kafka/wire/messages/join-group.ts';
import { leaveGroup } from '../../../../../src/core/log/kafka/wire/messages/leave-group.ts';
import { syncGroup } from '../../../../../src/core/log/kafka/wire/messages/sync-group.ts';
import { LogError } from '../../../../../src/core/model/errors.ts';
import type { ErrorCode } from '../../../../../src/core/model/error-codes.ts';
import { ScriptedConnections } from '../../../../support/scripted-connections.ts';

const numbers: Partial<Record<ErrorCode, number>> = {
  STALE_GENERATION: 22,
  UNKNOWN_MEMBER: 25,
  INSTANCE_FENCED: 82,
};
const throttleMs = 0;
const topics = ['in'];
const nothing = new Uint8Array();

/** The embedded coordinator behind the requests of Kafka. */
export function scriptedCoordinator(coordinator: GroupCoordinator): ScriptedConnections {
  return new ScriptedConnections()
    .on(joinGroup, (request) => answerJoin(coordinator, request))
    .on(syncGroup, (request) => answerSync(coordinator, request))
    .on(heartbeat, (request) =>
      coordinator.heartbeat({ ...request, instanceId: request.instanceId ?? '' }).then(
        (answer) => ({ throttleMs, errorCode: answer === 'stable' ? 0 : 27 }),
        (error: unknown) => ({ throttleMs, errorCode: numberOf(error) }),
      ),
    )
    .on(leaveGroup, async ({ group, members }) => {
      const [member = { memberId: '', instanceId: null }] = members;
      const leaving = coordinator.leave({ group, ...member, instanceId: member.instanceId ?? '' });
      const errorCode = await leaving.then(() => 0, numberOf);
      return { throttleMs, errorCode: 0, members: [{ ...member, errorCode }] };
    });
}

type JoinBody = Carried<(typeof joinGroup)['request']>;
type SyncBody = Carried<(typeof syncGroup)['request']>;

async function answerJoin(
  coordinator: GroupCoordinator,
  { protocols, instanceId, ...request }: JoinBody,
) {
  const said = decodeSubscription(protocols[0]?.metadata ?? new Uint8Array());
  const body = { ...request, ...said, topics, generation: -1, instanceId: instanceId ?? '' };
  try {
    const { memberId, generation, members } = await coordinator.join(body);
    return {
      throttleMs,
      errorCode: 0,
      generation,
      protocol: 'millrace',
      leader: members === null ? 'another' : memberId,
      memberId,
      members: (members ?? []).map((member) => ({
        memberId: member.memberId,
        instanceId: member.instanceId,
        metadata: encodeSubscription({ ...member, topics, generation: -1 }),
      })),
    };
  } catch (error) {
    return refusedJoin(numberOf(error));
  }
}

async function answerSync(
  coordinator: GroupCoordinator,
  { assignments, instanceId, ...request }: SyncBody,
) {
  const decoded = assignments.map(
    ({ memberId, assignment }) => [memberId, decodeAssignment(assignment)] as const,
  );
  const decided = decoded.length === 0 ? null : new Map(decoded);
  const body = { ...request, instanceId: instanceId ?? '', assignments: decided };
  try {
    const answer = await coordinator.sync(body);
    if (answer.kind === 'rebalance') return { throttleMs, errorCode: 27, assignment: nothing };
    return { throttleMs, errorCode: 0, assignment: encodeAssignment(answer.assignment) };
  } catch (error) {
    return { throttleMs, errorCode: numberOf(error), assignment: nothing };
  }
}

export function refusedJoin(errorCode: number, memberId = '') {
  const nothing = { generation: -1, protocol: '', leader: '', members: [] };
  return { throttleMs, errorCode, memberId, ...nothing };
}

function numberOf(error: unknown): number {
  const number = error instanceof LogError ? numbers[error.code] : undefined;
  if (number === undefined) throw error;
  return number;
}
