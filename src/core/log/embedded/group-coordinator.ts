import type { Runtime } from '../../runtime/runtime.ts';
import type { GroupMetadata } from '../port.ts';
import { coordinatorClosed } from '../group/errors.ts';
import type {
  GenerationRequest,
  GroupClient,
  HeartbeatAnswer,
  JoinAnswer,
  JoinRequest,
  MemberRequest,
  SyncAnswer,
  SyncRequest,
} from '../group/protocol.ts';
import { Group } from './group-state.ts';
import type { GroupPhase } from './group-state.ts';

export interface GroupDescription {
  readonly phase: GroupPhase;
  readonly generation: number;
  readonly leaderId: string | null;
  readonly memberIds: readonly string[];
}

/** The groups of one embedded log; members of all workers in the process meet here. */
export class GroupCoordinator implements GroupClient {
  private readonly groups = new Map<string, Group>();
  private isClosed = false;

  constructor(private readonly runtime: Runtime) {}

  async join(request: JoinRequest): Promise<JoinAnswer> {
    return this.groupOf(request.group).join(request);
  }

  async sync(request: SyncRequest): Promise<SyncAnswer> {
    return this.groupOf(request.group).sync(request);
  }

  async heartbeat(request: GenerationRequest): Promise<HeartbeatAnswer> {
    return this.groupOf(request.group).heartbeat(request);
  }

  async leave(request: MemberRequest): Promise<void> {
    this.groupOf(request.group).leave(request);
  }

  /**
   * May this member commit offsets now? Asked with every commit.
   *
   * @throws {LogError} `fenced`: `STALE_GENERATION`, `UNKNOWN_MEMBER`.
   */
  check(metadata: GroupMetadata): void {
    this.groupOf(metadata.group).check(metadata);
  }

  memberCount(group: string): number {
    return this.groups.get(group)?.members.size ?? 0;
  }

  describe(group: string): GroupDescription {
    const { phase, generation, leaderId, members } = this.groupOf(group);
    return { phase, generation, leaderId, memberIds: [...members.keys()] };
  }

  /** Refuses what waits and all that comes. */
  close(): void {
    this.isClosed = true;
    for (const group of this.groups.values()) group.close(coordinatorClosed(group.name));
  }

  private groupOf(name: string): Group {
    if (this.isClosed) throw coordinatorClosed(name);
    const known = this.groups.get(name);
    if (known !== undefined) return known;
    const group = new Group(name, this.runtime);
    this.groups.set(name, group);
    return group;
  }
}
