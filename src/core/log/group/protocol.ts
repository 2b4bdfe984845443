import type { GroupMember, MemberAssignment, TopicPartition } from '../port.ts';

/** Who asks: a member of a group as it knows itself. */
export interface MemberRequest {
  readonly group: string;
  readonly memberId: string;
  readonly instanceId: string;
}

export interface GenerationRequest extends MemberRequest {
  readonly generation: number;
}

/** The generation is the last one that the member was in; -1 if it was in none. */
export interface JoinRequest extends GenerationRequest {
  readonly sessionTimeoutMs: number;
  /** What the application reads. */
  readonly topics: readonly string[];
  readonly userData: Uint8Array;
  readonly owned: readonly TopicPartition[];
}

export interface JoinAnswer {
  readonly memberId: string;
  readonly generation: number;
  /** All members, for the leader that has to assign; null for who waits or takes an old place. */
  readonly members: readonly GroupMember[] | null;
}

export interface SyncRequest extends GenerationRequest {
  /** From the leader; null from all others. */
  readonly assignments: ReadonlyMap<string, MemberAssignment> | null;
}

/** The group has settled, or it rebalances and its members have to join anew. */
export type HeartbeatAnswer = 'stable' | 'rebalance';

export type SyncAnswer =
  | { readonly kind: 'assigned'; readonly assignment: MemberAssignment }
  | { readonly kind: 'rebalance' };

/**
 * The four requests of a group member, as in Kafka's protocol. Each may be repeated when its answer
 * was lost.
 *
 * @throws {LogError} `UNKNOWN_MEMBER` and `STALE_GENERATION` (`fenced`): join with an empty member
 * id; `INSTANCE_FENCED` (`fatal`): another member has taken the instance id.
 */
export interface GroupClient {
  /** An empty member id asks for a new one. Resolves when all members have joined. */
  join(request: JoinRequest): Promise<JoinAnswer>;
  /** Resolves when the leader has assigned. */
  sync(request: SyncRequest): Promise<SyncAnswer>;
  heartbeat(request: GenerationRequest): Promise<HeartbeatAnswer>;
  /**
   * The last request of a member: one that still waits is given up. An empty member id stands for
   * whoever has the instance id; a member that does not know its own yet leaves so.
   */
  leave(request: MemberRequest): Promise<void>;
}
