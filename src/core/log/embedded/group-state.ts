import { invariant } from '../../model/invariant.ts';
import type { Runtime, ScheduledCall } from '../../runtime/runtime.ts';
import type { GroupMetadata, MemberAssignment } from '../port.ts';
import { instanceFenced, staleGeneration, unknownMember } from '../group/errors.ts';
import { RegisteredMember } from './group-member.ts';
import { noAssignment } from '../group/partitions.ts';
import type {
  GenerationRequest,
  HeartbeatAnswer,
  JoinAnswer,
  JoinRequest,
  MemberRequest,
  SyncAnswer,
  SyncRequest,
} from '../group/protocol.ts';

/** Members gather in `preparing`; in `completing` they wait for what the leader assigns. */
export type GroupPhase = 'empty' | 'preparing' | 'completing' | 'stable';

const phasesAfter: Record<GroupPhase, readonly GroupPhase[]> = {
  empty: ['preparing'],
  preparing: ['completing', 'empty'],
  completing: ['preparing', 'stable', 'empty'],
  stable: ['preparing', 'empty'],
};

/**
 * One group. A generation begins when every member has joined; who does not within the longest
 * session time-out of the group, as a leader that does not assign, is expelled.
 */
export class Group {
  phase: GroupPhase = 'empty';
  generation = 0;
  leaderId: string | null = null;
  readonly members = new Map<string, RegisteredMember>();
  private deadline: ScheduledCall | null = null;

  constructor(
    readonly name: string,
    private readonly runtime: Runtime,
  ) {}

  join(request: JoinRequest): Promise<JoinAnswer> {
    if (request.memberId === '') return this.admit(request);
    const member = this.memberOf(request);
    const hasNews = member.update(request);
    // The answer was lost and the member asks again: it gets the same one.
    if (this.phase === 'completing' && !hasNews) return Promise.resolve(this.answerFor(member));
    return this.gather(member);
  }

  sync(request: SyncRequest): Promise<SyncAnswer> {
    const member = this.memberOf(request);
    this.requireGeneration(request.generation);
    this.renew(member);
    if (this.phase === 'preparing') return Promise.resolve({ kind: 'rebalance' });
    if (this.phase === 'completing' && member.memberId === this.leaderId && request.assignments) {
      this.settle(request.assignments);
    }
    if (this.phase === 'completing') return member.waitForSync();
    return Promise.resolve({ kind: 'assigned', assignment: member.assignment });
  }

  heartbeat(request: GenerationRequest): HeartbeatAnswer {
    const member = this.memberOf(request);
    this.requireGeneration(request.generation);
    this.renew(member);
    return this.phase === 'preparing' ? 'rebalance' : 'stable';
  }

  leave(request: MemberRequest): void {
    this.expel(this.memberOf(request));
  }

  /** Generation -1 without a member id: no member, but allowed while there are none. */
  check({ generation, memberId }: GroupMetadata): void {
    if (generation === -1 && memberId === '' && this.phase === 'empty') return;
    if (!this.members.has(memberId)) throw unknownMember(this.name, memberId);
    this.requireGeneration(generation);
  }

  close(error: Error): void {
    this.deadline?.cancel();
    for (const member of this.members.values()) member.dismiss(error);
    this.members.clear();
  }

  private admit(request: JoinRequest): Promise<JoinAnswer> {
    const memberId = `${request.instanceId}-${this.runtime.random.hex(16)}`;
    const member = new RegisteredMember(memberId, request);
    const old = this.memberByInstance(request.instanceId);
    if (old !== undefined) this.replace(old, member);
    this.members.set(memberId, member);
    if (old === undefined || this.phase !== 'stable') return this.gather(member);
    this.renew(member);
    return Promise.resolve({ memberId, generation: this.generation, members: null });
  }

  private replace(old: RegisteredMember, member: RegisteredMember): void {
    member.assignment = old.assignment;
    if (this.leaderId === old.memberId) this.leaderId = member.memberId;
    this.members.delete(old.memberId);
    old.dismiss(instanceFenced(this.name, old.instanceId));
  }

  private gather(member: RegisteredMember): Promise<JoinAnswer> {
    const answer = member.waitForJoin();
    this.prepare();
    this.completeIfGathered();
    return answer;
  }

  private prepare(): void {
    if (this.phase === 'preparing') return;
    this.transition('preparing');
    for (const member of this.members.values()) member.answerSync({ kind: 'rebalance' });
    this.startDeadline(() => {
      const missing = [...this.members.values()].filter((member) => !member.isJoining);
      for (const member of missing) this.expel(member);
    });
  }

  private completeIfGathered(): void {
    const members = [...this.members.values()];
    const [first] = members;
    if (first === undefined || !members.every((member) => member.isJoining)) return;
    this.transition('completing');
    this.generation += 1;
    this.leaderId =
      this.leaderId !== null && this.members.has(this.leaderId) ? this.leaderId : first.memberId;
    for (const member of members) {
      member.answerJoin(this.answerFor(member));
      this.renew(member);
    }
    this.startDeadline(() => {
      const leader = this.members.get(this.leaderId ?? '');
      if (leader !== undefined) this.expel(leader);
    });
  }

  private settle(assignments: ReadonlyMap<string, MemberAssignment>): void {
    this.transition('stable');
    this.deadline?.cancel();
    for (const member of this.members.values()) {
      const assignment = assignments.get(member.memberId) ?? noAssignment;
      member.assignment = assignment;
      member.answerSync({ kind: 'assigned', assignment });
    }
  }

  private expel(member: RegisteredMember): void {
    this.members.delete(member.memberId);
    member.dismiss(unknownMember(this.name, member.memberId));
    if (this.members.size === 0) {
      this.transition('empty');
      this.deadline?.cancel();
      return;
    }
    this.prepare();
    this.completeIfGathered();
  }

  private answerFor({ memberId }: RegisteredMember): JoinAnswer {
    const members =
      memberId === this.leaderId ? [...this.members.values()].map(seenByLeader) : null;
    return { memberId, generation: this.generation, members };
  }

  private memberOf({ memberId, instanceId }: MemberRequest): RegisteredMember {
    const member = this.members.get(memberId);
    if (member !== undefined) return member;
    if (this.memberByInstance(instanceId)) throw instanceFenced(this.name, instanceId);
    throw unknownMember(this.name, memberId);
  }

  private memberByInstance(instanceId: string): RegisteredMember | undefined {
    return [...this.members.values()].find((member) => member.instanceId === instanceId);
  }

  private requireGeneration(generation: number): void {
    if (generation === this.generation) return;
    throw staleGeneration(this.name, generation, this.generation);
  }

  private renew(member: RegisteredMember): void {
    member.renew(this.runtime, () => this.expel(member));
  }

  private startDeadline(call: () => void): void {
    this.deadline?.cancel();
    const timeouts = [...this.members.values()].map((member) => member.sessionTimeoutMs);
    this.deadline = this.runtime.scheduler.after(Math.max(...timeouts), call);
  }

  private transition(phase: GroupPhase): void {
    const isAllowed = phasesAfter[this.phase].includes(phase);
    invariant(isAllowed, `Group '${this.name}' cannot go from ${this.phase} to ${phase}.`);
    this.phase = phase;
  }
}

function seenByLeader({ memberId, instanceId, userData, owned }: RegisteredMember) {
  return { memberId, instanceId, userData, owned };
}
