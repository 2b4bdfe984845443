import { LogError } from '../../model/errors.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { GroupMetadata, GroupOptions, MemberAssignment, TopicPartition } from '../port.ts';
import type { GroupClient, HeartbeatAnswer, JoinAnswer, SyncAnswer } from './protocol.ts';
import { repeatRequest } from './request.ts';

type SessionOptions = Pick<GroupOptions, 'group' | 'topics' | 'instanceId' | 'sessionTimeoutMs'>;

/** A wrong address shows at the start; a member that has once been one outlives any outage. */
const maxFirstFailingMs = 30_000;
/** Without a leave the group waits for a session time-out: no reason to wait here as long. */
const maxLeaveMs = 5_000;

/** What one member is to its group, and its requests, repeated until they are answered. */
export class GroupSession {
  /** Kept when the member is thrown out: a commit under it is refused. */
  metadata: GroupMetadata;
  /** False before the first join and after being thrown out: the next join asks for a new id. */
  isMember = false;
  /** A session time-out after the last answered request was sent. */
  leaseEndsMs = -Infinity;
  /** No join is begun or repeated any more. */
  private isEnding = false;
  /** The group has given it an assignment before. */
  private isEstablished = false;
  /** Never rejects. */
  private joinUnderWay: Promise<void> | null = null;

  constructor(
    private readonly client: GroupClient,
    private readonly runtime: Runtime,
    private readonly options: SessionOptions,
  ) {
    this.metadata = { group: options.group, generation: -1, memberId: '' };
  }

  get isJoining(): boolean {
    return this.joinUnderWay !== null;
  }

  join(userData: Uint8Array, owned: readonly TopicPartition[]): Promise<JoinAnswer> {
    const request = this.sendJoin(userData, owned);
    const settle = (): void => {
      this.joinUnderWay = null;
    };
    this.joinUnderWay = request.then(settle, settle);
    return request;
  }

  async sync(assignments: ReadonlyMap<string, MemberAssignment> | null): Promise<SyncAnswer> {
    const answer = await this.repeat(() =>
      this.leased(() => this.client.sync({ ...this.identity(), assignments })),
    );
    this.isEstablished ||= answer.kind === 'assigned';
    return answer;
  }

  /** Not repeated: a heartbeat that got lost is made up for by the next one. */
  heartbeat(): Promise<HeartbeatAnswer> {
    return this.leased(() => this.client.heartbeat(this.identity()));
  }

  async leave(): Promise<void> {
    this.isEnding = true;
    await this.sendLeave();
    // A join still under way would make a member of nobody, or fence the next of this instance.
    await this.joinUnderWay;
  }

  private async sendJoin(
    userData: Uint8Array,
    owned: readonly TopicPartition[],
  ): Promise<JoinAnswer> {
    const { group, topics = [], sessionTimeoutMs } = this.options;
    const request = { ...this.identity(), topics, sessionTimeoutMs, userData, owned };
    const joined = await this.repeat(() => this.client.join(request));
    this.metadata = { group, generation: joined.generation, memberId: joined.memberId };
    this.isMember = true;
    if (this.isEnding) await this.sendLeave();
    return joined;
  }

  private async sendLeave(): Promise<void> {
    if (!this.isMember && !this.isJoining) return;
    const identity = this.identity();
    this.isMember = false;
    const { clock } = this.runtime;
    const endMs = clock.monotonicTimeMs() + maxLeaveMs;
    const isWanted = (): boolean => clock.monotonicTimeMs() < endMs;
    try {
      await repeatRequest(this.runtime, () => this.client.leave(identity), isWanted);
    } catch (error) {
      // Refused or never answered: the group goes on without this member all the same.
      if (!(error instanceof LogError)) throw error;
    }
  }

  private async leased<T>(request: () => Promise<T>): Promise<T> {
    const sentAtMs = this.runtime.clock.monotonicTimeMs();
    const answer = await request();
    this.leaseEndsMs = sentAtMs + this.options.sessionTimeoutMs;
    return answer;
  }

  private repeat<T>(request: () => Promise<T>): Promise<T> {
    const isWanted = (failingMs: number): boolean =>
      !this.isEnding && (this.isEstablished || failingMs < maxFirstFailingMs);
    return repeatRequest(this.runtime, request, isWanted);
  }

  /** A member that was thrown out, or never was one, has no id. */
  private identity() {
    const { instanceId } = this.options;
    const { group, generation, memberId } = this.metadata;
    if (!this.isMember) return { group, instanceId, generation: -1, memberId: '' };
    return { group, instanceId, generation, memberId };
  }
}
