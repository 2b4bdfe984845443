import type { Runtime, ScheduledCall } from '../../runtime/runtime.ts';
import type { GroupMember, MemberAssignment, TopicPartition } from '../port.ts';
import type { Deferred } from '../group/deferred.ts';
import { createDeferred } from '../group/deferred.ts';
import { requestReplaced } from '../group/errors.ts';
import { noAssignment, without } from '../group/partitions.ts';
import type { JoinAnswer, JoinRequest, SyncAnswer } from '../group/protocol.ts';

/** A member as the coordinator keeps it: what it said last, and which request of it waits. */
export class RegisteredMember implements GroupMember {
  readonly instanceId: string;
  userData: Uint8Array;
  owned: readonly TopicPartition[];
  sessionTimeoutMs: number;
  assignment: MemberAssignment = noAssignment;
  private joining: Deferred<JoinAnswer> | null = null;
  private syncing: Deferred<SyncAnswer> | null = null;
  private expiry: ScheduledCall | null = null;

  constructor(
    readonly memberId: string,
    private readonly request: JoinRequest,
  ) {
    this.instanceId = request.instanceId;
    this.userData = request.userData;
    this.owned = request.owned;
    this.sessionTimeoutMs = request.sessionTimeoutMs;
  }

  get isJoining(): boolean {
    return this.joining !== null;
  }

  /** Takes over what the member says of itself. True: it says something new. */
  update({ userData, owned, sessionTimeoutMs }: JoinRequest): boolean {
    const isSame =
      Buffer.compare(userData, this.userData) === 0 &&
      without(owned, this.owned).length === 0 &&
      without(this.owned, owned).length === 0;
    this.userData = userData;
    this.owned = owned;
    this.sessionTimeoutMs = sessionTimeoutMs;
    return !isSame;
  }

  waitForJoin(): Promise<JoinAnswer> {
    this.joining?.reject(requestReplaced(this.request.group, this.memberId));
    this.joining = createDeferred();
    // Who waits for an answer cannot fail to send heartbeats.
    this.stopExpiry();
    return this.joining.promise;
  }

  answerJoin(answer: JoinAnswer): void {
    this.joining?.resolve(answer);
    this.joining = null;
  }

  waitForSync(): Promise<SyncAnswer> {
    this.syncing?.reject(requestReplaced(this.request.group, this.memberId));
    this.syncing = createDeferred();
    return this.syncing.promise;
  }

  answerSync(answer: SyncAnswer): void {
    this.syncing?.resolve(answer);
    this.syncing = null;
  }

  /** Begins the session time-out anew. */
  renew(runtime: Runtime, expire: () => void): void {
    this.stopExpiry();
    if (this.isJoining) return;
    this.expiry = runtime.scheduler.after(this.sessionTimeoutMs, expire);
  }

  /** The member is gone: its waiting requests are refused. */
  dismiss(error: Error): void {
    this.stopExpiry();
    this.joining?.reject(error);
    this.syncing?.reject(error);
    this.joining = null;
    this.syncing = null;
  }

  private stopExpiry(): void {
    this.expiry?.cancel();
    this.expiry = null;
  }
}
