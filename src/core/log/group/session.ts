import { LogError } from '../../model/errors.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { GroupMetadata, GroupOptions, MemberAssignment, TopicPartition } from '../port.ts';
import type { GroupClient, HeartbeatAnswer, JoinAnswer, SyncAnswer } from './protocol.ts';
import { repeatRequest } from './request.ts';

type SessionOptions = Pick<GroupOptions, 'group' | 'instanceId' | 'sessionTimeoutMs'>;

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

  sync(assignments: ReadonlyMap<string, MemberAssignment> | null): Promise<SyncAnswer> {
    return this.send(() =>
      this.leased(() => this.client.sync({ ...this.identity(), assignments })),
    );
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
    const { group, instanceId, sessionTimeoutMs } = this.options;
    const memberId = this.isMember ? this.metadata.memberId : '';
    const request = { group, memberId, instanceId, sessionTimeoutMs, userData, owned };
    const isWanted = (): boolean => !this.isEnding;
    const { scheduler } = this.runtime;
    const joined = await repeatRequest(scheduler, () => this.client.join(request), isWanted);
    this.metadata = { group, generation: joined.generation, memberId: joined.memberId };
    this.isMember = true;
    if (this.isEnding) await this.sendLeave();
    return joined;
  }

  private async sendLeave(): Promise<void> {
    if (!this.isMember) return;
    this.isMember = false;
    const identity = this.identity();
    try {
      await this.send(() => this.client.leave(identity));
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

  private send<T>(request: () => Promise<T>): Promise<T> {
    return repeatRequest(this.runtime.scheduler, request, () => true);
  }

  private identity() {
    return { ...this.metadata, instanceId: this.options.instanceId };
  }
}
