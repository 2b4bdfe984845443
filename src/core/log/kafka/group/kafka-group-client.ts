import { LogError } from '../../../model/errors.ts';
import type { Runtime } from '../../../runtime/runtime.ts';
import { createDeferred } from '../../group/deferred.ts';
import { unknownMember } from '../../group/errors.ts';
import type {
  GenerationRequest,
  GroupClient,
  HeartbeatAnswer,
  JoinAnswer,
  JoinRequest,
  MemberRequest,
  SyncAnswer,
  SyncRequest,
} from '../../group/protocol.ts';
import type { GroupMember } from '../../port.ts';
import type { Connections } from '../connections/connections.ts';
import { isElsewhere } from '../requests/ask-coordinator.ts';
import { brokerError, BrokerErrorCode } from '../requests/broker-error.ts';
import type { Api } from '../wire/api.ts';
import type { Carried } from '../wire/codec.ts';
import { heartbeat } from '../wire/messages/heartbeat.ts';
import { joinGroup } from '../wire/messages/join-group.ts';
import { leaveGroup } from '../wire/messages/leave-group.ts';
import { syncGroup } from '../wire/messages/sync-group.ts';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from './consumer-protocol.ts';
import { StrayJoins } from './stray-joins.ts';

const protocolType = 'consumer';
const protocolName = 'millrace';
/** How much longer than its own deadline the coordinator may take to answer. */
const answerDelayMs = 5_000;
const maxRequestMs = 10_000;

interface GroupBody {
  readonly group: string;
}

interface SendOptions {
  readonly timeoutMs?: number;
  /** Called with the coordinator just before it is sent to. */
  readonly onSend?: (nodeId: number) => void;
}

type JoinGroupAnswer = Carried<(typeof joinGroup)['answer']>;

/**
 * The requests of one member. Its connections must be its own: a join or sync that waits keeps the
 * broker from working on what is sent after it.
 */
export function kafkaGroupClient(connections: Connections, runtime: Runtime): GroupClient {
  return new KafkaGroupClient(connections, runtime);
}

class KafkaGroupClient implements GroupClient {
  private readonly strays: StrayJoins;
  /** Of a join or sync under way, which may wait for others. */
  private giveUp: () => void = () => undefined;
  private sessionTimeoutMs = maxRequestMs;

  constructor(
    private readonly connections: Connections,
    { clock }: Runtime,
  ) {
    this.strays = new StrayJoins(clock);
  }

  async join(request: JoinRequest): Promise<JoinAnswer> {
    this.sessionTimeoutMs = request.sessionTimeoutMs;
    const first = await this.sendJoin(request);
    if (first.errorCode !== BrokerErrorCode.memberIdRequired) return this.joined(request, first);
    const named = { ...request, memberId: first.memberId };
    return this.joined(named, await this.sendJoin(named));
  }

  async sync(request: SyncRequest): Promise<SyncAnswer> {
    const { group, generation, memberId, instanceId } = request;
    const assignments = [...(request.assignments ?? [])].map(([member, assigned]) => ({
      memberId: member,
      assignment: encodeAssignment(assigned),
    }));
    const body = { group, generation, memberId, instanceId, assignments };
    const { errorCode, assignment } = await this.waitFor(syncGroup, body);
    if (errorCode === BrokerErrorCode.rebalanceInProgress) return { kind: 'rebalance' };
    this.check(syncGroup.name, errorCode, request);
    return { kind: 'assigned', assignment: decodeAssignment(assignment) };
  }

  async heartbeat(request: GenerationRequest): Promise<HeartbeatAnswer> {
    const { group, generation, memberId, instanceId } = request;
    const body = { group, generation, memberId, instanceId };
    const { errorCode } = await this.send(heartbeat, body);
    if (errorCode === BrokerErrorCode.rebalanceInProgress) return 'rebalance';
    this.check(heartbeat.name, errorCode, request);
    return 'stable';
  }

  async leave(request: MemberRequest): Promise<void> {
    const { group, memberId, instanceId } = request;
    // A first join has no member id yet that could be refused while it waits.
    this.giveUp();
    const body = { group, members: [{ memberId, instanceId }] };
    const { errorCode, members } = await this.send(leaveGroup, body);
    for (const code of [errorCode, ...members.map((member) => member.errorCode)]) {
      this.check(leaveGroup.name, code, request);
    }
  }

  /** Three of them fit into a session. */
  private get requestTimeoutMs(): number {
    return Math.min(maxRequestMs, Math.ceil(this.sessionTimeoutMs / 3));
  }

  private async sendJoin(request: JoinRequest): Promise<JoinGroupAnswer> {
    const { group, memberId, instanceId, sessionTimeoutMs } = request;
    try {
      return await this.waitFor(joinGroup, {
        group,
        sessionTimeoutMs,
        // Who is not back within it is as good as dead: nothing long stands before a join.
        rebalanceTimeoutMs: sessionTimeoutMs,
        memberId,
        instanceId,
        protocolType,
        protocols: [{ name: protocolName, metadata: encodeSubscription(request) }],
      });
    } catch (error) {
      if (memberId === '' && hasUnknownOutcome(error)) this.strays.add();
      throw error;
    }
  }

  private joined(request: JoinRequest, answer: JoinGroupAnswer): JoinAnswer {
    this.check(joinGroup.name, answer.errorCode, request);
    this.strays.expireAfter(request.sessionTimeoutMs);
    const { memberId, generation, leader } = answer;
    // An instance that takes its old place is told the leader's id of before, even if it leads.
    const leads = leader === memberId;
    return { memberId, generation, members: leads ? answer.members.map(memberOf) : null };
  }

  private async waitFor<Request extends GroupBody, Answer>(
    api: Api<Request, Answer>,
    request: Request,
  ): Promise<Answer> {
    const given = createDeferred<never>();
    let isGivenUp = false;
    let waitsAt: number | null = null;
    this.giveUp = () => {
      isGivenUp = true;
      given.reject(abandoned(api.name, request.group));
      if (waitsAt !== null) this.connections.reset(waitsAt);
    };
    const onSend = (nodeId: number): void => {
      if (isGivenUp) throw abandoned(api.name, request.group);
      waitsAt = nodeId;
    };
    const timeoutMs = this.sessionTimeoutMs + answerDelayMs;
    try {
      return await Promise.race([given.promise, this.send(api, request, { timeoutMs, onSend })]);
    } finally {
      this.giveUp = () => undefined;
    }
  }

  /** A coordinator that cannot be reached may be another's by now. */
  private async send<Request extends GroupBody, Answer>(
    api: Api<Request, Answer>,
    request: Request,
    { timeoutMs = this.requestTimeoutMs, onSend }: SendOptions = {},
  ): Promise<Answer> {
    const { connections } = this;
    const nodeId = await connections.coordinatorOf('group', request.group);
    onSend?.(nodeId);
    try {
      return await connections.call(nodeId, api, request, { timeoutMs });
    } catch (error) {
      connections.forgetCoordinator('group', request.group);
      throw error;
    }
  }

  private check(
    api: string,
    errorCode: number,
    { group, memberId, instanceId }: MemberRequest,
  ): void {
    if (errorCode === BrokerErrorCode.none) return;
    if (isElsewhere(errorCode)) this.connections.forgetCoordinator('group', group);
    if (errorCode === BrokerErrorCode.fencedInstanceId && this.strays.takeOne()) {
      throw unknownMember(group, memberId);
    }
    const subject = `Group '${group}', instance '${instanceId}'`;
    throw brokerError(errorCode, { api, subject });
  }
}

function memberOf({
  memberId,
  instanceId,
  metadata,
}: JoinGroupAnswer['members'][number]): GroupMember {
  return { memberId, instanceId: instanceId ?? memberId, ...decodeSubscription(metadata) };
}

function hasUnknownOutcome(error: unknown): boolean {
  return error instanceof LogError && error.errorClass === 'abort-and-reinitialise';
}

function abandoned(api: string, group: string): LogError {
  const text = `${api} of group '${group}' was given up: the member leaves.`;
  return new LogError('retriable', 'REQUEST_TIMED_OUT', text);
}
